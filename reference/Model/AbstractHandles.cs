using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>L0: references and pins. A program sees of them only whether they could be taken.</summary>
public sealed partial class AbstractMemory
{
    private static Outcome Get(Memory memory, in Operation operation, Outcome told)
    {
        const int PipePages = 256;
        memory.Handles.Add((operation.Handle, false));
        if (operation.Length < 0)
            return Outcome.Error(Errno.EINVAL);
        int taken = 0;
        int seen = told.Kind == OutcomeKind.Ok ? told.Value : 0;
        while (taken < operation.Length && taken < PipePages && IsReadable(memory, operation.Address + taken, isThere: taken < seen))
            taken++;
        return taken == 0 && operation.Length > 0 ? Outcome.Error(Errno.EFAULT) : Outcome.Token(taken);
    }

    private static Outcome Pin(Memory memory, in Operation operation, Protection needed, Outcome told)
    {
        if (memory.Handles.Contains((operation.Handle, true)))
            return Outcome.NoProcess;
        if (operation.Length <= 0)
            return Outcome.Error(operation.Length < 0 ? Errno.EINVAL : Errno.EFAULT);
        for (long done = 0; done < operation.Length; done++)
        {
            long page = operation.Address + done;
            bool allowed = needed == Protection.Read
                ? IsReadable(memory, page, isThere: told.Kind == OutcomeKind.Ok || told.Kind == OutcomeKind.OutOfMemory && done < told.Value)
                : ((memory.RightsOf(page) ?? Protection.None) & needed) != 0;
            if (!allowed)
                return Outcome.Error(Errno.EFAULT);
            if (IsRefused(memory, page, needed == Protection.Write, told, Errno.EFAULT))
                return Outcome.Error(Errno.EFAULT);
            if (RanOut(told, done))
                return told;
        }
        memory.Handles.Add((operation.Handle, true));
        return Outcome.Ok;
    }

    /// <summary>Whether a reference can be taken on a page in order to read it. A page that may only be written to can be read where it is there.</summary>
    private static bool IsReadable(Memory memory, long page, bool isThere)
    {
        Protection rights = memory.RightsOf(page) ?? Protection.None;
        bool allowed = (rights & Protection.Read) != 0 || isThere && rights == Protection.Write;
        return allowed && !memory.Guards.Contains(page);
    }

    private static Outcome ReadRemote(Memory memory, in Operation operation, Outcome told)
    {
        if (operation.Length < 0)
            return Outcome.Error(Errno.EINVAL);
        for (long done = 0; done < operation.Length; done++)
        {
            long page = operation.Address + done;
            if (!IsReadable(memory, page, isThere: false))
                return done == 0 ? Outcome.Error(Errno.EFAULT) : Outcome.Token((int)done);
            if (RanOut(told, done))
                return told;
        }
        return Outcome.Token((int)operation.Length);
    }

    private static Outcome Drop(Memory memory, int handle, bool isPin)
    {
        return memory.Handles.Remove((handle, isPin)) ? Outcome.Ok : Outcome.Error(Errno.EBADF);
    }
}
