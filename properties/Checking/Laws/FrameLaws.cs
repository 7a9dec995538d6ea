using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Laws of what must not matter: order of writes, strangers, names, folio sizes (SPECIFICATION.md 13b, 53-56).</summary>
public static class FrameLaws
{
    private const int Stranger = 99;

    /// <summary>53: the order in which the pages of one folio are written does not matter while one process maps it whole and alone.</summary>
    public static string? WriteOrder(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        var ascending = new World(factory, scenario);
        var permuted = new World(factory, scenario);
        MemoryState start = ascending.State();
        RandomChoices choices = LawChoices.Of(scenario);
        foreach (PteRun run in start.Runs)
        {
            if (run.IsZeroPage || (start.Vmas[run.Vma].Protection & Protection.Write) == 0)
                continue;
            FolioView folio = start.Folios[run.Folio];
            bool wholeAndAlone = folio.State.Order > 0 && run.Count == folio.Pages
                && folio.State.Mapcount == folio.Pages && folio.State.References == folio.Pages && !folio.State.MaybeMappedShared;
            if (!wholeAndAlone)
                continue;
            premise.Holds();
            int stride = 1 + (2 * choices.Choose(folio.Pages));
            int from = choices.Choose(folio.Pages);
            for (int i = 0; i < folio.Pages; i++)
            {
                // An odd stride visits every page of a power of two.
                int j = (int)((from + ((long)stride * i)) % folio.Pages);
                ascending.Apply(Operation.Write(run.Process, run.Page + i, 5000 + i));
                permuted.Apply(Operation.Write(run.Process, run.Page + j, 5000 + j));
            }
        }
        return new Mask().Difference(ascending.State(), permuted.State());
    }

    /// <summary>54: a process that shares nothing changes nothing for the others.</summary>
    public static string? StrangersDoNotMatter(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        Scenario roomy = WithRoom(scenario);
        var plain = new World(factory, roomy);
        var crowded = new World(factory, roomy.Machine);
        crowded.Apply(StrangerArrives());
        crowded.Apply(roomy.Operations);
        MemoryState one = plain.State();
        if (one.Folios.Count > 0)
            premise.Holds();
        var expected = new Mask { Ignore = Ignore.Frames, Without = -1 };
        var found = new Mask { Ignore = Ignore.Frames, Without = Stranger };
        return Mask.Difference(one, expected, crowded.State(), found);
    }

    /// <summary>55: numbers of processes, addresses (by whole tables) and frames are names: renaming them renames the result.</summary>
    public static string? NamesDoNotMatter(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        Scenario roomy = WithRoom(scenario);
        // Both unmap a folio mapping by mapping, and map its pieces so, too: who is tracked, and queued, depends on the order of the VMAs.
        roomy = roomy with { Operations = [.. roomy.Operations.Where(operation => operation.Kind is not (OperationKind.SplitFolio or OperationKind.ShrinkDeferred))] };
        long shift = 16L * scenario.Machine.EntriesPerTable;
        var plain = new World(factory, roomy);
        var renamed = new World(factory, roomy.Machine);
        // The stranger takes the lowest frames, so that every frame of the others is another one.
        renamed.Apply(StrangerArrives());
        renamed.Apply(roomy.Operations.Select(operation => Rename(operation, shift)));
        MemoryState one = plain.State();
        if (one.Processes.Count > 1)
            premise.Holds();
        // A split unmaps a folio mapping by mapping: what is partially mapped on the way, if PMDs and entries both map it, depends on the order of the VMAs.
        bool splits = roomy.Operations.Any(operation => operation.Kind == OperationKind.Madvise && operation.Advice is Advice.Free or Advice.Cold);
        Ignore ignored = splits ? Ignore.Frames | Ignore.DeferredSplit : Ignore.Frames;
        var expected = new Mask { Ignore = ignored, Without = -1, Renumber = Reverse, Shift = shift };
        var found = new Mask { Ignore = ignored, Without = Stranger };
        return Mask.Difference(one, expected, renamed.State(), found);
    }

    /// <summary>
    /// 56: with large folios switched off programs read the same, and every page that a large folio let be reused is reused too. Large folios bring pages in before
    /// they are asked for, so what meets the pages that are there is left out: write-protection by userfaultfd, and references on memory that may not be read; so is what
    /// asks for sizes: collapse and splits.
    /// </summary>
    public static string? SizesDoNotShow(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        Scenario roomy = WithRoom(scenario);
        Scenario large = roomy with { Operations = [.. roomy.Operations.Where(operation => !AsksForSizes(operation)).Select(Readable)] };
        var small = new Scenario(large.Machine with { Thp = ThpPolicy.Off }, [.. large.Operations.Where(operation => operation.Kind != OperationKind.SetThp)]);
        var one = new World(factory, large.Machine);
        var two = new World(factory, small.Machine);
        foreach (Operation operation in large.Operations)
        {
            Outcome inLarge = one.Apply(operation);
            if (operation.Kind == OperationKind.SetThp)
                continue;
            Outcome inSmall = two.Apply(operation);
            // Where a PMD may be mapped even a load prepares an anon_vma, and VMAs with one do not merge with all that those without one do.
            if (operation.Kind == OperationKind.Mremap && inLarge != inSmall && (inLarge == Outcome.Error(Errno.EFAULT) || inSmall == Outcome.Error(Errno.EFAULT)))
                return null;
            if (inLarge != inSmall)
                return $"{OperationText.Line(operation)}: {inLarge} with large folios, {inSmall} without";
        }
        MemoryState withLarge = one.State();
        MemoryState withSmall = two.State();
        foreach (PteRun run in withLarge.Runs)
        {
            for (int i = 0; i < run.Count; i++)
            {
                premise.Holds(run.IsZeroPage || withLarge.Folios[run.Folio].State.Order == 0 ? 0 : 1);
                int inLarge = Token(withLarge, run.IsZeroPage ? run : run with { Index = run.Index + i });
                int inSmall = withSmall.Find(run.Process, run.Page + i) is PteRun entry ? Token(withSmall, entry) : 0;
                if (inLarge != inSmall)
                    return $"process {run.Process} page 0x{run.Page + i:x} holds {inLarge} with large folios, {inSmall} without";
            }
        }
        return null;
    }

    /// <summary>Whether the answer depends on what else a fault brought in, or on sizes.</summary>
    private static bool AsksForSizes(Operation operation) =>
        operation.Kind is OperationKind.UffdWriteProtect or OperationKind.SplitFolio or OperationKind.Khugepaged or OperationKind.DetectAccess
        || operation.Kind == OperationKind.Madvise && operation.Advice == Advice.Collapse;

    private static Operation Readable(Operation operation) =>
        operation.Kind is OperationKind.Mmap or OperationKind.Mprotect && operation.Protection == Protection.Write
            ? operation with { Argument = (int)(Protection.Read | Protection.Write) }
            : operation;

    private static int Token(MemoryState state, in PteRun entry) => entry.IsZeroPage ? 0 : state.Token(state.Folios[entry.Folio], entry.Index);

    /// <summary>A process without relatives' memory that maps, writes and half unmaps pages of order 0.</summary>
    private static Operation[] StrangerArrives() =>
    [
        Operation.Fork(0, Stranger),
        Operation.Mmap(Stranger, 3, 20),
        Operation.Madvise(Stranger, 3, 20, Advice.NoHugePage),
        Operation.WriteRange(Stranger, 3, 20, 77),
        Operation.Madvise(Stranger, 9, 3, Advice.DontNeed),
    ];

    /// <summary>Enough frames that no allocation fails in one run and not in the other, and no failure on demand.</summary>
    private static Scenario WithRoom(Scenario scenario) => new(
        scenario.Machine with { Frames = 1 << 15 },
        [.. scenario.Operations.Where(operation => operation.Kind != OperationKind.FailAllocation)]);

    /// <summary>Children change places; process 0, which is there from the start, keeps its number.</summary>
    private static int Reverse(int process) => process is > 0 and < 40 ? 40 - process : process;

    /// <summary>Both ends move; an end outside the address space stays, so that the call is refused as before.</summary>
    private static Operation RenameMremap(in Operation operation, long shift)
    {
        bool inside = operation.Address >= 0 && operation.NewAddress >= 0
            && operation.Address + Math.Max(operation.Length, operation.NewLength) < Machine.AddressSpacePages / 2
            && operation.NewAddress < Machine.AddressSpacePages / 2;
        return inside ? operation with { Address = operation.Address + shift, NewAddress = operation.NewAddress + shift } : operation;
    }

    private static Operation Rename(in Operation operation, long shift)
    {
        Operation renamed = operation with { Process = Reverse(operation.Process) };
        return operation.Kind switch
        {
            OperationKind.Fork => renamed with { Argument = Reverse(operation.Child) },
            OperationKind.SetThp or OperationKind.Exit => renamed,
            OperationKind.Mremap => RenameMremap(renamed, shift),
            _ when operation.Address >= 0 && operation.End < Machine.AddressSpacePages => renamed with { Address = operation.Address + shift },
            _ => renamed,
        };
    }
}
