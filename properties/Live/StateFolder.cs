namespace FolioCheck.Live;

/// <summary>
/// Where a run keeps its lock, the settings to restore and the agent. /run is empty again after a boot, as the settings in sysfs are what they
/// were; and it is one place for everybody on the machine, so that two runs meet at the lock.
/// </summary>
internal static class StateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folder; made if it is not there.</summary>
    public static string Create()
    {
        string parent = Environment.GetEnvironmentVariable("FOLIOCHECK_STATE") ?? (Directory.Exists("/run") ? "/run" : Path.GetTempPath());
        string folder = Path.Combine(parent, "foliocheck");
        if (!OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder, OwnerOnly);
        return folder;
    }
}
