using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary><c>foliocheck page-fault3</c>: explains the page_fault3 regression of contpte, with a document and a chart that anybody can write again.</summary>
public static class PageFault3Command
{
    /// <summary>Runs the command.</summary>
    /// <param name="document">File for the document, its name ends with .md; the chart goes beside it. Null for none.</param>
    /// <param name="layers">The layers that have to count the same.</param>
    /// <param name="output">Where output goes.</param>
    /// <param name="errors">Where messages go.</param>
    /// <returns>An <see cref="ExitCode"/>: failed if layers count differently, and then nothing is written.</returns>
    public static int Run(string? document, IReadOnlyList<CountedLayer> layers, TextWriter output, TextWriter errors)
    {
        var costs = new KnownCosts(layers);
        var study = new PageFault3Study(name => new TouchCounts(costs.Of(name)), PageFault3Study.Reported, PageFault3Study.FixedWeights);
        string chart = document is null ? "page_fault3.svg" : Path.ChangeExtension(document, ".svg");
        string text = PageFault3Document.Write(study, costs, Path.GetFileName(chart));
        foreach (string difference in costs.Differences)
            output.WriteLine(difference);
        if (costs.Differences.Count > 0)
            return ExitCode.Failed;
        output.Write(PageFault3Document.Summary(study));
        if (document is null)
            return ExitCode.Held;
        foreach ((string path, string content) in new[] { (document, text), (chart, PageFault3Chart.Write(study)) })
        {
            if (AtomicFile.TryWrite(path, content) is string reason)
            {
                errors.WriteLine($"{path}: {reason}");
                return ExitCode.CannotWrite;
            }
            output.WriteLine("written: " + path);
        }
        return ExitCode.Held;
    }
}
