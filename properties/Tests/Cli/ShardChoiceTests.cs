using FolioCheck.Cli;
using Xunit;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>What <c>--shard</c> may say, and what the environments of clusters say.</summary>
public sealed class ShardChoiceTests
{
    private static string Parse(string text, params string[] environment)
    {
        var values = environment.Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return ShardChoice.Parse(text, values.GetValueOrDefault, out Shard shard) ?? shard.ToString();
    }

    [Fact]
    public void Numbers_are_taken_as_they_are() => Assert.Equal("2/8", Parse("2/8"));

    [Fact]
    public void Slurm_tasks_may_begin_anywhere_and_go_in_steps()
    {
        Assert.Equal("1/8", Parse("auto", "SLURM_ARRAY_TASK_ID=1", "SLURM_ARRAY_TASK_MIN=1", "SLURM_ARRAY_TASK_COUNT=8"));
        Assert.Equal("3/4", Parse("auto", "SLURM_ARRAY_TASK_ID=7", "SLURM_ARRAY_TASK_MIN=3", "SLURM_ARRAY_TASK_STEP=2", "SLURM_ARRAY_TASK_COUNT=4"));
        Assert.Equal("1/9", Parse("auto/9", "SLURM_ARRAY_TASK_ID=0"));
    }

    [Fact]
    public void Kubernetes_counts_from_nought_and_does_not_say_how_far()
    {
        Assert.Equal("8/8", Parse("auto/8", "JOB_COMPLETION_INDEX=7"));
        Assert.Contains("needs SLURM_ARRAY_TASK_COUNT", Parse("auto", "JOB_COMPLETION_INDEX=7"), StringComparison.Ordinal);
        Assert.Contains("is no part", Parse("auto/8", "JOB_COMPLETION_INDEX=8"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("auto/3")]
    public void Elsewhere_nothing_is_known(string text) => Assert.Contains("needs SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX", Parse(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("0/3")]
    [InlineData("4/3")]
    [InlineData("1/0")]
    [InlineData("-1/3")]
    [InlineData("1/2/3")]
    [InlineData("1/1000000")]
    public void What_is_no_part_is_said_so(string text) => Assert.Contains("is no part", Parse(text), StringComparison.Ordinal);
}
