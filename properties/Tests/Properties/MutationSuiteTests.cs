using FolioCheck.MutationSuite;
using Xunit;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>The suite that mutants are held against: it holds for the sound models, and a plain run of Stryker has it for its test.</summary>
public sealed class MutationSuiteTests
{
    [Fact]
    public void The_quick_suite_holds_and_ends() =>
        Assert.Equal(new Trial(TrialEnd.Held, ""), Trial.Run(Suite.Quick(RepositoryRoot.File("properties", "corpus")).Links()));

    [Fact]
    public void A_suite_ends_at_the_first_failure() =>
        Assert.Equal(new Trial(TrialEnd.Failed, "second"), Trial.Run([null, "second", "third"]));

    [Fact]
    public void What_a_link_throws_is_a_failure() =>
        Assert.Equal(TrialEnd.Failed, Trial.Run(new[] { 0 }.Select(zero => (1 / zero).ToString(System.Globalization.CultureInfo.InvariantCulture))).End);
}
