using System.Text.RegularExpressions;
using FolioCheck.Cli;
using Xunit;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>The files in properties/campaigns call commands with options that exist.</summary>
public sealed partial class CampaignFilesTests
{
    [Theory]
    [InlineData("slurm-array.sh")]
    [InlineData("kubernetes-indexed-job.yaml")]
    [InlineData("github-actions.yml")]
    public void Options_exist(string name)
    {
        string text = File.ReadAllText(RepositoryRoot.File("properties", "campaigns", name));
        Assert.Contains("merge ", text, StringComparison.Ordinal);
        string call = text[text.LastIndexOf(" check --", StringComparison.Ordinal)..];
        call = call[..call.IndexOf("--save", StringComparison.Ordinal)];
        using var help = new StringWriter();
        CommandLine.Run(["check", "--help"], help, TextWriter.Null);
        string[] options = [.. OptionName().Matches(call).Select(match => match.Value)];
        Assert.Contains("--shard", options);
        Assert.All(options, option => Assert.Contains(option, help.ToString(), StringComparison.Ordinal));
    }

    [GeneratedRegex("--[a-z]+")]
    private static partial Regex OptionName();
}
