using System.Collections.Concurrent;
using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>A case of hunts, and what the sound system shows on it. All bugs that are hunted with a seed meet the same cases, so these are drawn and run once.</summary>
/// <param name="Scenario">The case.</param>
/// <param name="Shown">The states that the sound implementation shows.</param>
/// <param name="Traced">Its micro-steps.</param>
internal sealed record SoundCase(Scenario Scenario, ulong[] Shown, ulong[] Traced)
{
    /// <summary>Most cases of a seed that are kept: nearly all hunts have ended by then.</summary>
    private const long MostKept = 1000;

    private static readonly ConcurrentDictionary<(ulong Seed, string Settings, long Number), SoundCase> _kept = new();

    /// <summary>The case of a seed and a number.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="number">The case, from 0.</param>
    /// <param name="settings">What its machine has.</param>
    public static SoundCase Of(ulong seed, long number, MachineSettings settings)
    {
        if (number >= MostKept)
            return Draw(seed, number, settings);
        return _kept.GetOrAdd((seed, settings.ToString(), number), (key, wanted) => Draw(key.Seed, key.Number, wanted), settings);
    }

    private static SoundCase Draw(ulong seed, long number, MachineSettings settings)
    {
        Scenario scenario = BugHunt.Draw(seed, number, settings);
        return new SoundCase(scenario, ShownSteps.Of(HuntedSystem.Sound.Tested, scenario), ShownSteps.Of(HuntedSystem.Sound.Observed, scenario));
    }
}
