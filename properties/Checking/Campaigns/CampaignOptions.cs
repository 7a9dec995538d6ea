namespace FolioCheck.Properties;

/// <summary>What a <see cref="Campaign"/> is asked to do.</summary>
/// <param name="Seed">Seed: same seed and cases, same run.</param>
/// <param name="Machines">Which machines.</param>
/// <param name="Cases">Cases to run, those of all shards together; null when <paramref name="Time"/> ends the run.</param>
/// <param name="Time">Time to run for; null when <paramref name="Cases"/> ends the run.</param>
public sealed record CampaignOptions(ulong Seed, MachineChoice Machines, long? Cases, TimeSpan? Time)
{
    /// <summary>Cases of a run that names neither cases nor time.</summary>
    public const long DefaultCases = 5000;

    /// <summary>Whether features that were not met yet steer what is drawn.</summary>
    public bool Guided { get; init; } = true;

    /// <summary>What all machines have; the rest is drawn.</summary>
    public MachineSettings Settings { get; init; } = MachineSettings.None;

    /// <summary>Number of the law that every case is held against; null for one law a case in turn.</summary>
    public int? Law { get; init; }

    /// <summary>Which part of the cases this run does.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    /// <summary>Cases done at the same time. It changes nothing but the time taken.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Cases to run, those of all shards together; as many as time allows if the time ends the run.</summary>
    public long Target => Cases ?? (Time is null ? DefaultCases : long.MaxValue);

    /// <summary>Cases of the shard alone.</summary>
    public long ShardTarget
    {
        get
        {
            if (Target == long.MaxValue)
                return long.MaxValue;
            long whole = Target / CaseSource.BlockCases;
            long blocks = Math.Max(0, (whole - Shard.Number + Shard.Count) / Shard.Count);
            return (blocks * CaseSource.BlockCases) + (Shard.Has(whole) ? Target % CaseSource.BlockCases : 0);
        }
    }
}

/// <summary>A part of a campaign: every <paramref name="Count"/>-th block of cases, so that parts never meet.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Count">Number of parts.</param>
public readonly record struct Shard(int Number, int Count)
{
    /// <summary>Everything.</summary>
    public static Shard Whole => new(1, 1);

    /// <summary>Whether a block of cases belongs to it.</summary>
    public bool Has(long block) => block % Count == Number - 1;

    /// <summary>The part as options name it: <c>2/8</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Number}/{Count}");
}
