using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>L0: the file, which everybody who maps it sees.</summary>
public sealed partial class AbstractMemory
{
    /// <summary>Values by page of the file.</summary>
    private readonly Dictionary<long, int> _file = [];

    private Outcome MmapFile(Memory memory, in Operation operation)
    {
        if (operation.Length == 0 || BadRange(operation) || operation.NewAddress is < 0 or > Machine.LengthWrapsPages)
            return Outcome.Error(Errno.EINVAL);
        if (BeyondAddressSpace(operation))
            return Outcome.Error(Errno.ENOMEM);
        if (_machine.FilePages == 0)
            return Outcome.Error(Errno.EINVAL);
        memory.Unmap(operation.Address, operation.End);
        memory.Areas.Add(new Area(operation.Address, operation.End, operation.Protection, FileShift: operation.NewAddress - operation.Address));
        return Outcome.Ok;
    }

    private static long? FilePageAt(Memory memory, long page) => memory.AreaOf(page)?.FileShift is long shift ? page + shift : null;

    private Outcome ReadFile(long filePage, Outcome told)
    {
        if (filePage >= _machine.FilePages)
            return Outcome.BusError(0);
        return RanOut(told, 0) ? told : Outcome.Token(_file.GetValueOrDefault(filePage));
    }
}
