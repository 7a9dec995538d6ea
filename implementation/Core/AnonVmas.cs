namespace FolioCheck.Implementation;

/// <summary>An anon_vma: the root of what a fork tree of VMAs may share. Live while some VMA's chain holds it.</summary>
internal sealed class AnonVma
{
    /// <summary>The anon_vma it was cloned from; a root is its own parent.</summary>
    public AnonVma? Parent { get; set; }

    /// <summary>num_children: live anon_vmas with this parent; a root counts itself.</summary>
    public int Children { get; set; }

    /// <summary>num_active_vmas: VMAs that have it as their own.</summary>
    public int UsingVmas { get; set; }

    /// <summary>VMAs whose chain holds it.</summary>
    public int Links { get; set; }

    /// <summary>Canonical id in the observation that is being made, and which one that is.</summary>
    public int ObservedId { get; set; }

    public long ObservedAt { get; set; }
}

/// <summary>Which VMA has which anon_vma; it only decides which VMAs may merge (SPECIFICATION.md 17.5).</summary>
internal sealed class AnonVmas
{
    private readonly Stack<AnonVma> _pool = new();

    /// <summary>Number of the operation that is being done: when a VMA got its bounds.</summary>
    public long Now { get; set; }

    /// <summary>anon_vma_prepare: before the first write fault of a VMA does anything else.</summary>
    public void Prepare(Vmas vmas, Vma vma)
    {
        if (vma.AnonVma is not null)
            return;
        int index = vmas.IndexEndingAfter(vma.Start);
        AnonVma anonVma = Reusable(vma, vmas.At(index + 1)) ?? Reusable(vma, vmas.At(index - 1)) ?? NewRoot();
        Link(vma, anonVma);
        Use(vma, anonVma);
    }

    /// <summary>anon_vma_clone for a VMA that was cut in two, or that takes over a neighbour's range.</summary>
    public static void Share(Vma from, Vma to)
    {
        if (from.AnonVma is null)
            return;
        CopyChain(from, to);
        Use(to, from.AnonVma);
    }

    /// <summary>anon_vma_fork: the child's VMA gets the parent's chain, and an anon_vma of its own.</summary>
    public void Fork(Vma parent, Vma child)
    {
        if (parent.AnonVma is null)
            return;
        CopyChain(parent, child);
        AnonVma? own = Idle(child);
        if (own is null)
        {
            own = New(parent.AnonVma);
            Link(child, own);
        }
        Use(child, own);
    }

    /// <summary>unlink_anon_vmas: the VMA goes, or gives up its range to a neighbour.</summary>
    public void Unlink(Vma vma)
    {
        if (vma.AnonVma is null)
            return;
        vma.AnonVma.UsingVmas--;
        vma.AnonVma = null;
        // Children stand behind their parents in a chain, and die first.
        while (vma.ChainLength > 0)
        {
            AnonVma anonVma = vma.Pop();
            anonVma.Links--;
            if (anonVma.Links == 0)
                Die(anonVma);
        }
    }

    /// <summary>
    /// reusable_anon_vma: what a neighbour offers that might merge if its access rights were equal (anon_vma_compatible).
    /// </summary>
    private static AnonVma? Reusable(Vma vma, Vma? neighbour)
    {
        if (neighbour is null || neighbour.ChainLength != 1 || !neighbour.HasFlagsOf(vma) || neighbour.Offset != vma.Offset)
            return null;
        return neighbour.Start == vma.End || neighbour.End == vma.Start ? neighbour.AnonVma : null;
    }

    /// <summary>The first anon_vma of a chain that no VMA uses and that has fewer than two children.</summary>
    private static AnonVma? Idle(Vma vma)
    {
        foreach (AnonVma anonVma in vma.Chain)
        {
            if (anonVma.Children < 2 && anonVma.UsingVmas == 0)
                return anonVma;
        }
        return null;
    }

    private static void CopyChain(Vma from, Vma to)
    {
        foreach (AnonVma anonVma in from.Chain)
            Link(to, anonVma);
    }

    private static void Link(Vma vma, AnonVma anonVma)
    {
        vma.Push(anonVma);
        anonVma.Links++;
    }

    private static void Use(Vma vma, AnonVma anonVma)
    {
        vma.AnonVma = anonVma;
        anonVma.UsingVmas++;
    }

    private AnonVma NewRoot()
    {
        AnonVma root = New(null);
        root.Parent = root;
        root.Children = 1;
        return root;
    }

    private AnonVma New(AnonVma? parent)
    {
        AnonVma anonVma = _pool.TryPop(out AnonVma? used) ? used : new AnonVma();
        anonVma.Parent = parent;
        if (parent is not null)
            parent.Children++;
        return anonVma;
    }

    private void Die(AnonVma anonVma)
    {
        anonVma.Parent!.Children--;
        anonVma.Parent = null;
        _pool.Push(anonVma);
    }
}
