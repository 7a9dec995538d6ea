using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>How a corpus scenario ended.</summary>
/// <param name="Entry">The scenario.</param>
/// <param name="Failure">How it fails; null if it held or was not run.</param>
/// <param name="Run">Whether it was run: a system may not be able to do what it asks for.</param>
public sealed record CorpusVerdict(CorpusEntry Entry, Failure? Failure, bool Run);

/// <summary>Replays a corpus before anything is drawn.</summary>
public static class CorpusReplay
{
    /// <summary>Runs every scenario, in order.</summary>
    /// <param name="corpus">The corpus; null for none.</param>
    /// <param name="run">Runs one with every check, or says that the system cannot do what it asks for.</param>
    public static IReadOnlyList<CorpusVerdict> Run(Corpus? corpus, Func<Scenario, (bool Can, Failure? Failure)> run)
    {
        var verdicts = new List<CorpusVerdict>();
        foreach (CorpusEntry entry in corpus?.Entries ?? [])
        {
            (bool can, Failure? failure) = run(entry.File.Scenario);
            verdicts.Add(new CorpusVerdict(entry, failure, can));
        }
        return verdicts;
    }

    /// <summary>What is said of them: a line for each that still fails, with the command that shows it.</summary>
    /// <param name="verdicts">The verdicts.</param>
    /// <param name="replay">The beginning of the command that replays a file, with a blank after it.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<CorpusVerdict> verdicts, string replay)
    {
        foreach (CorpusVerdict verdict in verdicts)
        {
            if (verdict.Failure is Failure failure)
                yield return $"still failing: {verdict.Entry.Path}: {failure.Summary}\n  {replay}{verdict.Entry.Path}";
        }
    }

    /// <summary>The rows of a run that replayed a corpus.</summary>
    internal static void AddRows(Rows rows, IReadOnlyList<CorpusVerdict> verdicts)
    {
        int ran = verdicts.Count(verdict => verdict.Run);
        int failing = verdicts.Count(verdict => verdict.Failure is not null);
        rows.Add("corpus replayed", ran);
        rows.Add("corpus still failing", failing);
        rows.Add("corpus held", ran - failing);
        rows.Add("corpus not replayed, asks for what the system cannot do", verdicts.Count - ran);
    }
}
