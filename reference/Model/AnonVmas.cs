namespace FolioCheck.Reference;

/// <summary>anon_vma identity: it decides which VMAs may merge (__anon_vma_prepare, anon_vma_fork, anon_vma_clone; SPECIFICATION.md 17.5).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>Gives a VMA an anon_vma before its first anonymous page: a neighbour's if it may be shared, else a new root.</summary>
    private static void PrepareAnonVma(Process process, Vma vma)
    {
        if (vma.AnonVma is not null)
            return;
        Vma? next = process.Vmas.Values.FirstOrDefault(other => other.Start == vma.End);
        Vma? previous = process.Vmas.Values.FirstOrDefault(other => other.End == vma.Start);
        AnonVma anonVma = Sharable(next, vma, isNext: true) ?? Sharable(previous, vma, isNext: false) ?? new AnonVma(parent: null);
        process.Vmas[vma.Start] = vma with { AnonVma = anonVma, Chain = [anonVma] };
    }

    /// <summary>reusable_anon_vma: neighbours that differ in access rights alone share, so that they can merge later.</summary>
    private static AnonVma? Sharable(Vma? neighbour, Vma vma, bool isNext)
    {
        if (neighbour is null || !SameFlags(neighbour, vma) || neighbour.Chain.Count != 1)
            return null;
        bool contiguous = isNext ? Continues(vma, neighbour) : Continues(neighbour, vma);
        return contiguous ? neighbour.AnonVma : null;
    }

    /// <summary>The child's copy of a VMA.</summary>
    private Vma ForkAnonVma(Vma vma)
    {
        if (vma.AnonVma is null)
            return vma;
        foreach (AnonVma anonVma in vma.Chain)
        {
            if (Children(anonVma) < 2 && Users(anonVma) == 0)
                return vma with { AnonVma = anonVma };
        }
        var own = new AnonVma(vma.AnonVma);
        return vma with { AnonVma = own, Chain = vma.Chain.Add(own) };
    }

    private IEnumerable<Vma> AllVmas() => _processes.Values.SelectMany(process => process.Vmas.Values);

    /// <summary>Live anon_vmas forked from this one; a root counts itself.</summary>
    private int Children(AnonVma anonVma) => AllVmas().SelectMany(vma => vma.Chain).Distinct().Count(other => other.Parent == anonVma);

    /// <summary>VMAs whose own anon_vma this is.</summary>
    private int Users(AnonVma anonVma) => AllVmas().Count(vma => vma.AnonVma == anonVma);
}
