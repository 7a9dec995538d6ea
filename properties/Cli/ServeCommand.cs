using FolioCheck.Exec;
using FolioCheck.Implementation;
using FolioCheck.Mutation;

namespace FolioCheck.Cli;

/// <summary><c>foliocheck serve</c>: our own implementation as a program that is checked.</summary>
public static class ServeCommand
{
    /// <summary>Answers until the input ends.</summary>
    /// <param name="id">A planted bug that it shall have; null for none.</param>
    /// <param name="input">Where lines come from.</param>
    /// <param name="output">Where answers go.</param>
    /// <param name="errors">Where bad usage is said.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(string? id, TextReader input, TextWriter output, TextWriter errors)
    {
        const string Name = "foliocheck serve";
        if (id is null)
        {
            ProtocolServer.Run(OptimizedMemory.Create, Name, input, output);
            return ExitCode.Held;
        }
        if (PlantedBugs.Find(id) is not { Layer: BugLayer.Implementation } planted)
        {
            errors.WriteLine($"foliocheck: there is no planted bug '{id}' in the implementation");
            return ExitCode.Usage;
        }
        using CompiledBug bug = planted.Compile();
        ProtocolServer.Run(bug.Create, $"{Name} --bug {id}", input, output);
        return ExitCode.Held;
    }
}
