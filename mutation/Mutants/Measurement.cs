namespace FolioCheck.Mutants;

/// <summary>
/// Measures files some at a time, since each start of Stryker builds the solution: first with the quick suite; what is left then meets the long one.
/// Each file's result is kept as soon as it is there.
/// </summary>
/// <param name="store">Where sources come from and results go.</param>
/// <param name="stryker">Stryker.</param>
/// <param name="explained">Whether a mutant is known to be harmless: the long suite, by far the most of the time, is left out for it.</param>
/// <param name="output">For progress.</param>
public sealed class Measurement(Store store, Stryker stryker, Func<string, Mutant, bool> explained, TextWriter output)
{
    private const int FilesAtOnce = 4;

    /// <summary>Measures files.</summary>
    /// <param name="files">Names of files.</param>
    /// <param name="finished">Told after each shard.</param>
    public void Run(IReadOnlyList<string> files, Action<IReadOnlyList<FileResult>> finished)
    {
        int done = 0;
        foreach (string[] shard in files.Chunk(FilesAtOnce))
        {
            output.WriteLine($"files {done + 1} to {done + shard.Length} of {files.Count}: {string.Join(", ", shard)}");
            FileResult[] results = [.. Measure(shard)];
            foreach (FileResult result in results)
            {
                store.Finish(result);
                int left = result.Others.Count(mutant => mutant.IsLeft);
                output.WriteLine($"{result.File}: {result.Mutants} mutants, {left} left");
            }
            finished(results);
            done += shard.Length;
        }
    }

    private IEnumerable<FileResult> Measure(string[] files)
    {
        string[] sources = [.. files.Select(store.Source)];
        string report = stryker.Test(files, longSuite: false);
        Mutant[][] quick = [.. files.Select(file => StrykerReport.Read(report, file).ToArray())];
        if (quick.All(mutants => mutants.All(mutant => mutant.Outcome == MutantEnd.CompileError)))
            throw new InvalidDataException($"no mutant was tested: {string.Join(", ", files)}");
        IReadOnlyList<Mutant>[] final = Again(files, quick);
        return files.Select((file, i) => FileResult.Of(file, sources[i], final[i]));
    }

    /// <summary>Gives what is left to the long suite.</summary>
    private IReadOnlyList<Mutant>[] Again(string[] files, Mutant[][] quick)
    {
        HashSet<(int Start, int End)>[] spans = [.. quick.Select((mutants, i) =>
            mutants.Where(mutant => mutant.IsLeft && !explained(files[i], mutant)).Select(mutant => (mutant.Start, mutant.End)).ToHashSet())];
        string[] patterns = [.. files.Zip(spans).Where(pair => pair.Second.Count > 0).Select(pair =>
            pair.First + string.Concat(pair.Second.Order().Select(span => $"{{{span.Start}..{span.End}}}")))];
        if (patterns.Length == 0)
            return quick;
        string report = stryker.Test(patterns, longSuite: true);
        return [.. quick.Select((mutants, i) => spans[i].Count == 0 ? mutants : Merge(mutants, spans[i], StrykerReport.Read(report, files[i], spans[i])))];
    }

    private static IReadOnlyList<Mutant> Merge(IReadOnlyList<Mutant> quick, HashSet<(int Start, int End)> spans, IReadOnlyList<Mutant> slow) =>
    [
        .. quick.Select(mutant =>
            mutant.IsLeft && spans.Contains((mutant.Start, mutant.End)) ? Late(mutant, slow.Single(again => again.IsSameAs(mutant))) : mutant),
    ];

    /// <summary>A mutant that ended the quick suite hardly loops: where the long one does not end, the machine was busy, and nothing was noticed.</summary>
    private static Mutant Late(Mutant mutant, Mutant again) => again.Outcome switch
    {
        MutantEnd.Killed => mutant with { Outcome = MutantEnd.KilledLate },
        MutantEnd.Survived or MutantEnd.Timeout => mutant,
        _ => throw new InvalidDataException($"the long suite did not test {mutant}"),
    };
}
