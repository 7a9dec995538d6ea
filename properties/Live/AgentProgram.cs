using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;

namespace FolioCheck.Live;

/// <summary>The agent, a small static C program, built by <c>cc</c> when it is first needed and kept under the name of its source's hash.</summary>
internal static class AgentProgram
{
    /// <summary>Path of the program.</summary>
    /// <exception cref="LiveException">It cannot be built; the message says what is missing.</exception>
    public static string Build()
    {
        byte[] source = Source();
        string folder = Path.Combine(StateFolder.Create(), "agent-" + Convert.ToHexStringLower(SHA256.HashData(source))[..16]);
        string program = Path.Combine(folder, "agent");
        if (File.Exists(program))
            return program;
        Directory.CreateDirectory(folder);
        string text = Path.Combine(folder, "agent.c");
        File.WriteAllBytes(text, source);
        string unfinished = program + ".new";
        Compile(text, unfinished);
        File.Move(unfinished, program, overwrite: true);
        return program;
    }

    private static byte[] Source()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("agent.c")!;
        byte[] source = new byte[stream.Length];
        stream.ReadExactly(source);
        return source;
    }

    private static void Compile(string source, string program)
    {
        var start = new ProcessStartInfo("cc", ["-O2", "-static", "-o", program, source]) { RedirectStandardError = true };
        using Process compiler = Start(start);
        string errors = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        if (compiler.ExitCode == 0)
            return;
        string first = errors.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal) || line.Contains("cannot find", StringComparison.Ordinal)) ?? errors.Trim();
        throw new LiveException($"cc cannot build the agent (it needs the headers and the static library of libc): {first}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new LiveException("cc is missing: the agent is a C program and is built when it is first needed");
        }
    }
}
