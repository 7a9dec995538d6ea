using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>L0: references and pins. A program sees of them only whether they could be taken.</summary>
public sealed partial class AbstractMemory
{
    private static Outcome Get(Memory memory, in Operation operation)
    {
        const int PipePages = 256;
        if (memory.Handles.TryGetValue(operation.Handle, out bool isPin) && isPin)
            return Outcome.NoProcess;
        memory.Handles[operation.Handle] = false;
        int taken = 0;
        while (taken < operation.Length && taken < PipePages
            && ((memory.RightsOf(operation.Address + taken) ?? Protection.None) & Protection.Read) != 0)
        {
            taken++;
        }
        return taken == 0 && operation.Length > 0 ? Outcome.Error(Errno.EFAULT) : Outcome.Token(taken);
    }

    private static Outcome Pin(Memory memory, in Operation operation, int? pagesDone)
    {
        if (memory.Handles.ContainsKey(operation.Handle))
            return Outcome.NoProcess;
        if (operation.Length <= 0)
            return Outcome.Error(Errno.EFAULT);
        for (long done = 0; done < operation.Length; done++)
        {
            if (((memory.RightsOf(operation.Address + done) ?? Protection.None) & Protection.Write) == 0)
                return Outcome.Error(Errno.EFAULT);
            if (done == pagesDone)
                return Outcome.OutOfMemory(pagesDone.Value);
        }
        memory.Handles.Add(operation.Handle, true);
        return Outcome.Ok;
    }

    private static Outcome Drop(Memory memory, int handle, bool isPin)
    {
        if (!memory.Handles.TryGetValue(handle, out bool pin) || pin != isPin)
            return Outcome.Error(Errno.EBADF);
        memory.Handles.Remove(handle);
        return Outcome.Ok;
    }
}
