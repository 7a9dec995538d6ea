using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Scenarios;

/// <summary>Settings that all drawn machines have: read as the machine line is, kept by every machine, and refused where no machine can have them.</summary>
public sealed class MachineSettingsTests
{
    [Theory]
    [InlineData("arch=arm64 contpte=4 access_flags=mixed bbml2=on")]
    [InlineData("contpte=16")]
    [InlineData("table=8")]
    [InlineData("softdirty=on extensions=lazy-zeroing,access-detection")]
    [InlineData("file=64 file_order=3 finish_fault=window fault_around=8")]
    [InlineData("arch=arm64 file=2048")]
    [InlineData("file_order=7 quirks=none batches=singles")]
    [InlineData("arch=x86")]
    public void Every_machine_has_them_and_is_valid(string text)
    {
        MachineSettings settings = Read(text);
        Assert.Equal(text, settings.ToString());
        for (ulong seed = 0; seed < 200; seed++)
        {
            foreach (MachineChoice choice in Enum.GetValues<MachineChoice>())
            {
                Machine machine = MachineGenerator.Draw(new RandomChoices(seed), choice, settings);
                Assert.Null(machine.Validate());
                foreach (string word in settings.Words)
                    Assert.Equal(machine, MachineText.Set(machine, word.Split('=')[0], word.Split('=')[1], out _));
            }
        }
    }

    [Theory]
    [InlineData("arch=vax", "'arch=vax' is no machine setting")]
    [InlineData("file=some", "'some' is not a number")]
    [InlineData("arm64", "'arm64' is not key=value")]
    [InlineData("file=8 file=8", "'file' is set twice")]
    [InlineData("table=12", "a leaf table holds 8 to 512 entries")]
    [InlineData("table=8 contpte=16", "a contiguous-PTE block holds")]
    [InlineData("bbml2=on", "on x86 the hardware sets the access flag")]
    [InlineData("arch=arm64 softdirty=on", "arm64 has no soft-dirty bits")]
    [InlineData("file=100 file_order=3", "a file has whole folios")]
    [InlineData("file=2097152", "a file has whole folios of order 0 to 8 and at most 1048576 pages")]
    public void What_no_machine_can_have_is_refused(string text, string reason)
    {
        Assert.StartsWith(reason, MachineSettings.Parse(text, out MachineSettings settings), StringComparison.Ordinal);
        Assert.True(settings.IsEmpty);
    }

    [Fact]
    public void Without_any_machines_are_as_they_are_drawn()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            Machine machine = MachineGenerator.Draw(new RandomChoices(seed), MachineChoice.Default);
            Assert.Equal(machine, MachineGenerator.Draw(new RandomChoices(seed), MachineChoice.Default, MachineSettings.None));
            Assert.Equal(machine, MachineSettings.None.ApplyTo(machine));
        }
    }

    /// <summary>What belongs to arm64 is drawn where it is asked for.</summary>
    [Fact]
    public void Arm_machines_differ_in_who_sets_access_flags()
    {
        Machine[] machines = [.. Enumerable.Range(0, 200).Select(seed => MachineGenerator.Draw(new RandomChoices((ulong)seed), MachineChoice.Default, Read("arch=arm64")))];
        Assert.Equal(3, machines.Select(machine => machine.AccessFlags).Distinct().Count());
        Assert.InRange(machines.Count(machine => machine.AccessFlags == AccessFlags.Hardware), 80, 120);
        Assert.InRange(machines.Count(machine => machine.Bbml2), 30, 70);
        Assert.All(machines, machine => Assert.False(machine.SoftDirty));
    }

    private static MachineSettings Read(string text)
    {
        Assert.Null(MachineSettings.Parse(text, out MachineSettings settings));
        return settings;
    }
}
