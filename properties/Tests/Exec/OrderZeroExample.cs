using System.Diagnostics;

namespace FolioCheck.Properties.Tests.Exec;

/// <summary>The example in C, compiled once for all tests that need it.</summary>
public sealed class OrderZeroExample : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    /// <summary>The program; made when it is asked for first.</summary>
    public string Path
    {
        get
        {
            string path = System.IO.Path.Combine(_folder, "order0");
            if (!File.Exists(path))
                Compile(path);
            return path;
        }
    }

    private static void Compile(string path)
    {
        string source = RepositoryRoot.File("properties", "Exec", "examples", "order0.c");
        using Process compiler = Process.Start(Programs.Compiler, ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", path, source]);
        compiler.WaitForExit();
        if (compiler.ExitCode != 0)
            throw new InvalidOperationException("order0.c does not compile");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
