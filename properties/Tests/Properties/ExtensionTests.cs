using FolioCheck.Implementation;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>
/// SPECIFICATION.md 17.27: the implementation does what the reference does, and all properties and laws hold, with each extension alone and with all of them. Drawn machines
/// mostly have none.
/// </summary>
public sealed class ExtensionTests
{
    private const int Cases = 300;

    public static TheoryData<string> Choices => [.. ExtensionText.Names, string.Join(',', ExtensionText.Names)];

    [Theory]
    [MemberData(nameof(Choices))]
    public void Lockstep_and_laws_hold(string names)
    {
        var campaign = new Campaign(new SystemUnderTest(OptimizedMemory.Create));
        CampaignResult result = campaign.Run(Options(names), () => TimeSpan.Zero, _ => { }, CancellationToken.None);
        Assert.True(result.Failure is null, result.Failure?.Summary);
        Assert.Equal(Cases, result.Cases);
    }

    [Theory]
    [MemberData(nameof(Choices))]
    public void All_machines_have_the_extensions_that_were_asked_for(string names)
    {
        Extensions asked = ExtensionText.Parse(names)!.Value;
        var seen = new HashSet<Extensions>();
        var system = new SystemUnderTest(machine =>
        {
            seen.Add(machine.Extensions);
            return OptimizedMemory.Create(machine);
        });
        new Campaign(system).Run(Options(names) with { Cases = 100 }, () => TimeSpan.Zero, _ => { }, CancellationToken.None);
        // Law 52 switches on what it is about.
        Assert.Subset(new HashSet<Extensions> { asked, asked | Extensions.InPlaceCollapse | Extensions.AccessDetection }, seen);
        Assert.Contains(asked, seen);
    }

    [Fact]
    public void Names_are_read_as_they_are_written()
    {
        for (var extensions = (Extensions)1; extensions <= (Extensions)15; extensions++)
            Assert.Equal(extensions, ExtensionText.Parse(ExtensionText.NameOf(extensions)));
        Assert.Null(ExtensionText.Parse("in-place-collapse,"));
        Assert.Null(ExtensionText.Parse("in-place"));
    }

    private static CampaignOptions Options(string names) => new(5, MachineChoice.Default, Cases, null) { Settings = Settings(names) };

    private static MachineSettings Settings(string names)
    {
        Assert.Null(MachineSettings.Parse("extensions=" + names, out MachineSettings settings));
        return settings;
    }
}
