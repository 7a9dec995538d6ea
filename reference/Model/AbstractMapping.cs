using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>L0: calls that change what is mapped, where, and with which rights.</summary>
public sealed partial class AbstractMemory
{
    private static Outcome Mmap(Memory memory, in Operation operation)
    {
        if (operation.Length == 0 || BadRange(operation))
            return Outcome.Error(Errno.EINVAL);
        bool writable = (operation.Protection & Protection.Write) != 0;
        if (BeyondAddressSpace(operation) || writable && operation.Length >= Machine.CommitLimitPages)
            return Outcome.Error(Errno.ENOMEM);
        memory.Unmap(operation.Address, operation.End);
        memory.Areas.Add(new Area(operation.Address, operation.End, operation.Protection));
        return Outcome.Ok;
    }

    private static Outcome Munmap(Memory memory, in Operation operation)
    {
        if (operation.Length == 0 || BadRange(operation) || BeyondAddressSpace(operation))
            return Outcome.Error(Errno.EINVAL);
        memory.Unmap(operation.Address, operation.End);
        return Outcome.Ok;
    }

    private static Outcome Mprotect(Memory memory, in Operation operation, Outcome told)
    {
        if (BadRange(operation))
            return Outcome.Error(Errno.EINVAL);
        if (operation.Length == 0)
            return Outcome.Ok;
        if (operation.Length >= Machine.LengthWrapsPages)
            return Outcome.Error(Errno.ENOMEM);
        Protection protection = operation.Protection;
        long page = operation.Address;
        while (page < operation.End)
        {
            if (memory.AreaOf(page) is not Area area)
                return Outcome.Error(Errno.ENOMEM);
            long end = Math.Min(operation.End, area.End);
            bool becomesWritable = (protection & ~area.Protection & Protection.Write) != 0;
            if (becomesWritable && end - page >= Machine.CommitLimitPages && told == Outcome.Error(Errno.ENOMEM))
                return Outcome.Error(Errno.ENOMEM);
            memory.Change(page, end, piece => piece with { Protection = protection });
            page = end;
        }
        return Outcome.Ok;
    }

    private static Outcome Mremap(Memory memory, in Operation operation, Outcome told)
    {
        bool severalVmas = told == Outcome.Error(Errno.EFAULT);
        MremapFlags flags = operation.MremapFlags;
        bool named = (flags & MremapFlags.Fixed) != 0;
        bool keep = (flags & MremapFlags.DontUnmap) != 0;
        if ((int)flags is < 0 or > 7 || BadRange(operation) || operation.NewLength <= 0 || operation.NewLength > Machine.AddressSpacePages)
            return Outcome.Error(Errno.EINVAL);
        if (named || keep)
        {
            bool sizesFit = !keep || operation.Length == operation.NewLength;
            bool inside = operation.NewAddress >= 0 && operation.NewAddress <= Machine.AddressSpacePages - operation.NewLength;
            bool apart = operation.Address - operation.NewAddress >= operation.NewLength || operation.NewAddress - operation.Address >= operation.Length;
            if (!named || (flags & MremapFlags.MayMove) == 0 || !sizesFit || !inside || !apart)
                return Outcome.Error(Errno.EINVAL);
        }
        if (memory.AreaOf(operation.Address) is not Area first)
            return Outcome.Error(Errno.EFAULT);
        if (operation.Length == 0)
            return Outcome.Error(Errno.EINVAL);
        long kept = Math.Min(operation.Length, operation.NewLength);
        bool resizes = operation.Length != operation.NewLength;
        bool whole = memory.MappedPages(operation.Address, operation.Address + kept) == kept && !severalVmas;
        bool mustBeWhole = operation.NewLength > operation.Length || named && resizes;
        if (mustBeWhole && !whole)
            return Outcome.Error(Errno.EFAULT);
        if (!named)
            return Resize(memory, first, operation, told);
        if (resizes)
        {
            memory.Unmap(operation.NewAddress, operation.NewAddress + operation.NewLength);
            if (operation.NewLength < operation.Length && BeyondAddressSpace(operation))
                return Outcome.Error(Errno.EINVAL);
            if (operation.NewLength < operation.Length)
                memory.Unmap(operation.Address + kept, operation.Address + Math.Min(operation.Length, Machine.AddressSpacePages));
            if (BeyondCommit(operation, told))
                return Outcome.Error(Errno.ENOMEM);
        }
        if (!resizes && severalVmas)
            kept = PagesBeforeWatched(memory, operation.Address, operation.End);
        Move(memory, operation.Address, operation.NewAddress, kept, keep);
        if (kept < Math.Min(operation.Length, operation.NewLength))
            return Outcome.Error(Errno.EFAULT);
        if (operation.NewLength > operation.Length)
            memory.Areas.Add(first with { Start = operation.NewAddress + kept, End = operation.NewAddress + operation.NewLength });
        return Outcome.Ok;
    }

    /// <summary>A move of several VMAs at a time ends at the first one that is watched.</summary>
    private static long PagesBeforeWatched(Memory memory, long start, long end)
    {
        foreach (Area area in memory.AreasIn(start, end))
        {
            if (area.Is(Asked.Watched))
                return area.Start - start;
        }
        return end - start;
    }

    private static bool BeyondCommit(in Operation operation, Outcome told) =>
        operation.NewLength - operation.Length >= Machine.CommitLimitPages && told == Outcome.Error(Errno.ENOMEM);

    private static Outcome Resize(Memory memory, Area first, in Operation operation, Outcome told)
    {
        long oldEnd = operation.Address + Math.Min(operation.Length, Machine.AddressSpacePages);
        long newEnd = operation.Address + operation.NewLength;
        if (operation.NewLength < operation.Length && BeyondAddressSpace(operation))
            return Outcome.Error(Errno.EINVAL);
        if (newEnd < oldEnd)
            memory.Unmap(newEnd, oldEnd);
        if (newEnd <= oldEnd)
            return Outcome.Ok;
        bool room = newEnd <= Machine.AddressSpacePages && memory.MappedPages(oldEnd, newEnd) == 0;
        if (!room || BeyondCommit(operation, told))
            return Outcome.Error(Errno.ENOMEM);
        memory.Areas.Add(first with { Start = oldEnd, End = newEnd });
        return Outcome.Ok;
    }

    /// <summary>Moves what is mapped; where the source has a hole the destination stays as it is.</summary>
    private static void Move(Memory memory, long start, long target, long length, bool keep)
    {
        List<(long Page, int Value)> values =
            [.. memory.Values.Where(pair => pair.Key >= start && pair.Key < start + length).Select(pair => (pair.Key, pair.Value))];
        List<long> guards = [.. memory.Guards.Where(page => page >= start && page < start + length)];
        List<long> leftOver = memory.LeftOver(start, start + length);
        List<Area> moved = memory.Cut(start, start + length);
        memory.Empty(start, start + length);
        memory.Unguard(start, start + length);
        if (keep)
            memory.Areas.AddRange(moved);
        foreach (Area area in moved)
        {
            Area there = area with { Start = area.Start - start + target, End = area.End - start + target, Asked = area.Asked & ~Asked.Watched };
            memory.Unmap(there.Start, there.End);
            memory.Areas.Add(there);
        }
        memory.Guards.UnionWith(guards.Select(page => page - start + target));
        memory.Watched.UnionWith(leftOver.Select(page => page - start + target));
        foreach ((long page, int value) in values)
            memory.Store(page - start + target, value);
    }

    private static bool BadRange(in Operation operation) =>
        operation.Address < 0 || operation.Address > Machine.LengthWrapsPages || operation.Length < 0;

    private static bool BeyondAddressSpace(in Operation operation) =>
        operation.Length > Machine.AddressSpacePages || operation.Address > Machine.AddressSpacePages - operation.Length;
}
