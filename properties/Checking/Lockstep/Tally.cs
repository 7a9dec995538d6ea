using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What a run did, by kind of operation: how many operations changed the state, how many did not, and each outcome.</summary>
public sealed class Tally
{
    /// <summary>Counts of one kind.</summary>
    public sealed class KindTally
    {
        /// <summary>Operations that changed the observation.</summary>
        public long Effective { get; set; }

        /// <summary>Operations that did not.</summary>
        public long WithoutEffect { get; set; }

        /// <summary>Operations by outcome: ok, an errno, a signal, OOM, no process.</summary>
        public SortedDictionary<string, long> Outcomes { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>By kind, in the words of <see cref="OperationText.KindName"/>.</summary>
    public SortedDictionary<string, KindTally> Kinds { get; } = new(StringComparer.Ordinal);

    /// <summary>Operations applied.</summary>
    public long Applied { get; private set; }

    /// <summary>Operations that changed the observation.</summary>
    public long Effective { get; private set; }

    /// <summary>Sum over operations of the present entries after each.</summary>
    public long MappedPtes { get; private set; }

    /// <summary>Mean of present entries after an operation.</summary>
    public double MeanMappedPtes => Applied == 0 ? 0 : (double)MappedPtes / Applied;

    /// <summary>Counts one operation.</summary>
    public void Count(in Operation operation, Outcome outcome, bool effective, long mappedPtes)
    {
        Applied++;
        MappedPtes += mappedPtes;
        string name = OperationText.KindName(operation);
        if (!Kinds.TryGetValue(name, out KindTally? kind))
            Kinds.Add(name, kind = new KindTally());
        if (effective)
        {
            Effective++;
            kind.Effective++;
        }
        else
        {
            kind.WithoutEffect++;
        }
        string word = Word(outcome);
        kind.Outcomes[word] = kind.Outcomes.GetValueOrDefault(word) + 1;
    }

    /// <summary>Adds the counts of another run.</summary>
    public void Add(Tally other)
    {
        foreach ((string name, KindTally kind) in other.Kinds)
            Add(name, kind);
        MappedPtes += other.MappedPtes;
    }

    /// <summary>Adds counts of one kind.</summary>
    internal void Add(string name, KindTally other)
    {
        if (!Kinds.TryGetValue(name, out KindTally? kind))
            Kinds.Add(name, kind = new KindTally());
        kind.Effective += other.Effective;
        kind.WithoutEffect += other.WithoutEffect;
        Effective += other.Effective;
        Applied += other.Effective + other.WithoutEffect;
        foreach ((string word, long count) in other.Outcomes)
            kind.Outcomes[word] = kind.Outcomes.GetValueOrDefault(word) + count;
    }

    /// <summary>Adds present entries to their sum.</summary>
    internal void AddMapped(long entries) => MappedPtes += entries;

    /// <summary>The outcome without its value.</summary>
    public static string Word(Outcome outcome) => outcome.Kind switch
    {
        OutcomeKind.Ok => "ok",
        OutcomeKind.OutOfMemory => "OOM",
        OutcomeKind.BusError => "SIGBUS",
        _ => outcome.ToString(),
    };

    /// <summary>
    /// Every outcome that each kind can have, by the rules of SPECIFICATION.md 17.1: a run of the default budget that misses one has not
    /// tested what it promises.
    /// </summary>
    public static IReadOnlyDictionary<string, string[]> Promised { get; } = new SortedDictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["mmap"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["mmap_file"] = ["ok", "EINVAL"],
        ["munmap"] = ["ok", "EINVAL", "no process"],
        ["madvise HUGEPAGE"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["madvise NOHUGEPAGE"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["madvise DONTNEED"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["madvise FREE"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["madvise POPULATE_READ"] = ["ok", "EFAULT", "EINVAL", "ENOMEM", "no process"],
        ["madvise POPULATE_WRITE"] = ["ok", "EFAULT", "EINVAL", "ENOMEM", "OOM", "no process"],
        ["madvise COLD"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["madvise DONTFORK"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["madvise DOFORK"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["madvise WIPEONFORK"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["madvise KEEPONFORK"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["madvise DONTNEED_LOCKED"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["madvise GUARD_INSTALL"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["madvise GUARD_REMOVE"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["mlock"] = ["ok", "EINVAL", "ENOMEM", "OOM", "no process"],
        ["mlock_onfault"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["munlock"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["uffd_register"] = ["ok", "EINVAL", "no process"],
        ["uffd_unregister"] = ["ok", "EINVAL", "no process"],
        ["uffd_wp"] = ["ok", "ENOENT", "EINVAL", "no process"],
        ["clear_soft_dirty"] = ["ok", "no process"],
        ["thp_disable"] = ["ok", "no process"],
        ["pin_read"] = ["ok", "EFAULT", "EINVAL", "OOM", "no process"],
        ["read_remote"] = ["ok", "EFAULT", "EINVAL", "OOM", "no process"],
        ["force_read"] = ["ok", "EIO", "no process"],
        ["force_write"] = ["ok", "EIO", "OOM", "no process"],
        ["mprotect"] = ["ok", "EINVAL", "ENOMEM", "no process"],
        ["mremap"] = ["ok", "EFAULT", "EINVAL", "ENOMEM", "no process"],
        ["get"] = ["ok", "EFAULT", "EINVAL", "no process"],
        ["put"] = ["ok", "EBADF", "no process"],
        ["pin"] = ["ok", "EFAULT", "EINVAL", "OOM", "no process"],
        ["unpin"] = ["ok", "EBADF", "no process"],
        ["read"] = ["ok", "SIGSEGV", "no process"],
        ["write"] = ["ok", "SIGSEGV", "SIGBUS", "OOM", "no process"],
        ["write_range"] = ["ok", "SIGSEGV", "SIGBUS", "OOM", "no process"],
        ["fork"] = ["ok", "OOM", "no process"],
        ["exit"] = ["ok", "no process"],
        ["thp"] = ["ok", "EINVAL", "ENOENT"],
        ["fail_allocation"] = ["ok", "EINVAL"],
        ["madvise COLLAPSE"] = ["ok", "EINVAL", "ENOMEM", "EAGAIN", "EBUSY", "no process"],
        ["khugepaged"] = ["ok", "no process"],
        ["detect_access"] = ["ok", "EINVAL", "no process"],
        ["numa_hint"] = ["ok", "EINVAL", "no process"],
        ["split_folio"] = ["ok", "EINVAL", "EFAULT", "EAGAIN", "no process"],
        ["shrink_deferred"] = ["ok"],
        ["shrink_huge_zero"] = ["ok"],
    };

    /// <summary>Promised outcomes that were not seen: <c>fork: OOM</c>.</summary>
    /// <param name="drawn">What could be drawn; null for everything.</param>
    public IReadOnlyList<string> Missing(OperationSubset? drawn = null)
    {
        var missing = new List<string>();
        foreach (string kind in (drawn ?? OperationSubset.All).Kinds)
        {
            string[] outcomes = Promised[kind];
            foreach (string outcome in outcomes)
            {
                if (!Kinds.TryGetValue(kind, out KindTally? tally) || !tally.Outcomes.ContainsKey(outcome))
                    missing.Add($"{kind}: {outcome}");
            }
            if (!Kinds.TryGetValue(kind, out KindTally? seen) || seen.Effective == 0 && kind is not ("thp" or "fail_allocation"))
                missing.Add($"{kind}: no effect ever");
        }
        return missing;
    }
}
