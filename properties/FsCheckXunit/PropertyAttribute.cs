using Xunit;
using Xunit.Sdk;

namespace FsCheck.Xunit;

/// <summary>Runs the method as an FsCheck property: its parameters are generated, and it is called once for each drawn case.</summary>
/// <remarks>
/// The method may return nothing, <see cref="bool"/>, <see cref="Task"/>, <c>Task&lt;bool&gt;</c> or <see cref="Property"/>.
/// What is not set here is taken from <see cref="PropertiesAttribute"/> on the class, the classes round it or the assembly,
/// and then from FsCheck's own defaults.
/// </remarks>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property, AllowMultiple = false)]
[XunitTestCaseDiscoverer("FsCheck.Xunit.PropertyDiscoverer", "FolioCheck.FsCheckXunit")]
public class PropertyAttribute : FactAttribute
{
    private const int Unset = -1;

    /// <summary>Where to start: "seed,gamma" repeats a whole run, "seed,gamma,size" repeats one case. Brackets are allowed.</summary>
    public string? Replay
    {
        get => Settings.Replay;
        set => Settings = Settings with { Replay = string.IsNullOrEmpty(value) ? null : value };
    }

    /// <summary>Runs the cases on this many threads at once.</summary>
    public int Parallelism
    {
        get => Settings.Parallelism ?? Unset;
        set => Settings = Settings with { Parallelism = value };
    }

    /// <summary>How many cases are run.</summary>
    public int MaxTest
    {
        get => Settings.MaxTest ?? Unset;
        set => Settings = Settings with { MaxTest = value };
    }

    /// <summary>How many cases may be rejected by a precondition before the property counts as exhausted, which is a failure.</summary>
    public int MaxRejected
    {
        get => Settings.MaxRejected ?? Unset;
        set => Settings = Settings with { MaxRejected = value };
    }

    /// <summary>The size of the first case.</summary>
    public int StartSize
    {
        get => Settings.StartSize ?? Unset;
        set => Settings = Settings with { StartSize = value };
    }

    /// <summary>The size of the last case; the size grows evenly from <see cref="StartSize"/>.</summary>
    public int EndSize
    {
        get => Settings.EndSize ?? Unset;
        set => Settings = Settings with { EndSize = value };
    }

    /// <summary>Writes the arguments of each case and of each successful shrink to the output.</summary>
    public bool Verbose
    {
        get => Settings.Verbose ?? false;
        set => Settings = Settings with { Verbose = value };
    }

    /// <summary>Leaves out the closing line of a property that held. The seed is written all the same, before the run.</summary>
    public bool QuietOnSuccess
    {
        get => Settings.QuietOnSuccess ?? false;
        set => Settings = Settings with { QuietOnSuccess = value };
    }

    /// <summary>Classes whose static members make <c>Arbitrary</c> instances. The first class that has one for a type wins.</summary>
    public Type[] Arbitrary
    {
        get => Settings.Arbitrary;
        set => Settings = Settings with { Arbitrary = value ?? [] };
    }

    internal PropertySettings Settings { get; private set; } = new();
}
