using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>L0: locked memory and userfaultfd. A program sees of them which calls are refused.</summary>
public sealed partial class AbstractMemory
{
    private static Outcome SetLocked(Memory memory, in Operation operation, bool locked)
    {
        if (BadRange(operation))
            return Outcome.Error(Errno.EINVAL);
        if (operation.Length >= Machine.LengthWrapsPages)
            return Outcome.Ok;
        long page = operation.Address;
        while (page < operation.End)
        {
            if (memory.AreaOf(page) is not Area area)
                return Outcome.Error(Errno.ENOMEM);
            long end = Math.Min(operation.End, area.End);
            memory.Change(page, end, piece => piece with { Asked = locked ? piece.Asked | Asked.Locked : piece.Asked & ~Asked.Locked });
            page = end;
        }
        return Outcome.Ok;
    }

    private static Outcome Mlock(Memory memory, in Operation operation, Outcome told)
    {
        Outcome done = SetLocked(memory, operation, locked: true);
        if (done != Outcome.Ok || operation.Length >= Machine.LengthWrapsPages)
            return done;
        for (long page = operation.Address; page < operation.End; page++)
        {
            Protection rights = memory.RightsOf(page)!.Value;
            bool write = (rights & Protection.Write) != 0;
            if (rights == Protection.None || IsRefused(memory, page, write, told, Errno.ENOMEM))
                return Outcome.Error(Errno.ENOMEM);
            if (RanOut(told, page - operation.Address))
                return told;
        }
        return Outcome.Ok;
    }

    private static bool BadUffdRange(in Operation operation) => BadRange(operation) || operation.Length == 0 || BeyondAddressSpace(operation);

    private static Outcome UffdRegister(Memory memory, in Operation operation, Asked watched)
    {
        if (BadUffdRange(operation) || memory.MappedPages(operation.Address, operation.End) == 0)
            return Outcome.Error(Errno.EINVAL);
        foreach (Area area in memory.AreasIn(operation.Address, operation.End))
        {
            if (watched == Asked.None && area.Is(Asked.Watched))
                memory.Resolve(area.Start, area.End);
        }
        memory.Change(operation.Address, operation.End, area => area with { Asked = area.Asked & ~Asked.Watched | watched });
        return Outcome.Ok;
    }

    private static Outcome UffdWriteProtect(Memory memory, in Operation operation)
    {
        if (BadUffdRange(operation))
            return Outcome.Error(Errno.EINVAL);
        List<Area> areas = memory.AreasIn(operation.Address, operation.End);
        foreach (Area area in areas)
        {
            if (!area.Is(Asked.Watched))
                return Outcome.Error(Errno.ENOENT);
            if (operation.Protects)
                memory.Watch(area.Start, area.End);
            else
                memory.Resolve(area.Start, area.End);
        }
        return areas.Count > 0 ? Outcome.Ok : Outcome.Error(Errno.ENOENT);
    }
}
