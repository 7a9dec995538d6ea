namespace FolioCheck.Live;

/// <summary>Keeps two runs on one machine apart. The kernel lets go of it when the process ends, however it ends.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly int _file;

    private RunLock(int file) => _file = file;

    /// <summary>Takes the lock, or says that somebody else has it.</summary>
    /// <exception cref="LiveException">Another run is going on.</exception>
    public static RunLock Take()
    {
        string path = Path.Combine(StateFolder.Create(), "lock");
        int file = Libc.create(path, Libc.OpenReadWrite | Libc.Create | Libc.CloseOnExec, Libc.OwnerOnly);
        if (file >= 0 && Libc.flock(file, Libc.LockExclusiveNow) == 0)
            return new RunLock(file);
        if (file >= 0)
            Libc.close(file);
        throw new LiveException($"another run uses the kernel (it holds {path})");
    }

    /// <inheritdoc/>
    public void Dispose() => Libc.close(_file);
}
