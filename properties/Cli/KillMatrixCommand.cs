using FolioCheck.Mutation;

namespace FolioCheck.Cli;

/// <summary>Where a kill matrix goes.</summary>
/// <param name="Matrix">What to measure.</param>
/// <param name="Page">File for the page; its name ends with .md, and the JSON goes beside it. Null for none.</param>
/// <param name="Json">File for the JSON alone; null for none.</param>
/// <param name="Markdown">Whether to print the page.</param>
public sealed record KillMatrixCommandOptions(KillMatrixOptions Matrix, string? Page, string? Json, bool Markdown);

/// <summary><c>foliocheck bugs --matrix</c>: which property catches which planted bug when it is alone.</summary>
public static class KillMatrixCommand
{
    /// <summary>Measures the matrix.</summary>
    /// <returns><see cref="ExitCode.Failed"/> if a property does not catch the bug that it must catch alone.</returns>
    public static int Run(KillMatrixCommandOptions options, TextWriter output, TextWriter errors)
    {
        if (options.Matrix.Id is string id && PlantedBugs.Find(id) is null)
        {
            errors.WriteLine($"foliocheck: there is no planted bug '{id}'");
            return ExitCode.Usage;
        }
        KillMatrix matrix = KillMatrix.Measure(options.Matrix, errors.WriteLine);
        if (options.Markdown)
            output.Write(KillMatrixPage.Write(matrix));
        else
            output.Write(Summary(matrix));
        int code = matrix.Disagreeing.Any() ? ExitCode.Failed : ExitCode.Held;
        foreach ((string path, string text) in Files(options, matrix))
        {
            if (AtomicFile.TryWrite(path, text) is not string reason)
                continue;
            errors.WriteLine($"{path}: {reason}");
            code = code == ExitCode.Held ? ExitCode.CannotWrite : code;
        }
        return code;
    }

    private static IEnumerable<(string Path, string Text)> Files(KillMatrixCommandOptions options, KillMatrix matrix)
    {
        if (options.Page is string page)
        {
            yield return (page, KillMatrixPage.Write(matrix));
            yield return (Path.ChangeExtension(page, ".json"), KillMatrixJson.Write(matrix));
        }
        if (options.Json is string json)
            yield return (json, KillMatrixJson.Write(matrix));
    }

    private static Rows Summary(KillMatrix matrix)
    {
        var rows = new Rows();
        foreach ((string name, string value) in KillMatrixPage.Figures(matrix))
            rows.Add(name, value);
        return rows;
    }
}
