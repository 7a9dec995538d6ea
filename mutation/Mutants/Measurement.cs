namespace FolioCheck.Mutants;

/// <summary>Tests mutants: all with the quick suite; what it leaves, and nobody explained, with the long one.</summary>
/// <param name="workers">Who tests them.</param>
/// <param name="journal">What is known from a run that was ended.</param>
/// <param name="output">For progress.</param>
public sealed class Measurement(Workers workers, Journal journal, TextWriter output)
{
    private const string Quick = "quick";
    private const string Thorough = "long";
    private const int ProgressEvery = 250;

    /// <summary>Tests the mutants of files.</summary>
    /// <param name="files">By file, what Stryker made: those that do not compile stay as they are.</param>
    /// <param name="explained">Whether a mutant is known to be harmless: the long suite, by far the most of the time for one, is left out for it.</param>
    /// <exception cref="InvalidOperationException">The suite does not hold without a mutant, or kills none.</exception>
    public IReadOnlyDictionary<string, IReadOnlyList<Mutant>> Run(
        IReadOnlyDictionary<string, IReadOnlyList<Mutant>> files, Func<string, Mutant, bool> explained)
    {
        HashSet<int> reached = workers.Reached();
        Mutant[] compiled = [.. files.Values.SelectMany(mutants => mutants).Where(mutant => mutant.Outcome != MutantEnd.CompileError)];
        Test(Quick, [.. compiled.Where(mutant => reached.Contains(mutant.Id)).Select(mutant => mutant.Id)]);
        Dictionary<string, IReadOnlyList<Mutant>> quick = files.ToDictionary(file => file.Key, file => After(file.Value, Quick, (_, end) => end));
        Mutant[] left = [.. quick.SelectMany(file => file.Value.Where(mutant => mutant.IsLeft && !explained(file.Key, mutant)))];
        Test(Thorough, [.. left.Select(mutant => mutant.Id)]);
        Dictionary<string, IReadOnlyList<Mutant>> all = quick.ToDictionary(file => file.Key, file => After(file.Value, Thorough, EndedLate));
        if (compiled.Length > 0 && !all.Values.Any(mutants => mutants.Any(mutant => mutant.Outcome == MutantEnd.Killed)))
            throw new InvalidOperationException("no mutant was killed: the suite runs without them");
        return all;
    }

    private void Test(string suite, int[] ids)
    {
        int[] unknown = [.. ids.Where(id => journal.Find(suite, id) is null)];
        output.WriteLine($"{suite} suite: {ids.Length} mutants, {ids.Length - unknown.Length} of them known from an earlier run");
        int done = 0;
        foreach ((int id, MutantEnd end) in workers.Run(suite, unknown))
        {
            journal.Add(suite, id, end);
            if (++done % ProgressEvery == 0 || done == unknown.Length)
                output.WriteLine($"{suite} suite: {done} of {unknown.Length}");
        }
    }

    private IReadOnlyList<Mutant> After(IReadOnlyList<Mutant> mutants, string suite, Func<Mutant, MutantEnd, MutantEnd> ended) =>
        [.. mutants.Select(mutant => journal.Find(suite, mutant.Id) is MutantEnd end ? mutant with { Outcome = ended(mutant, end) } : mutant)];

    /// <summary>A mutant that ended the quick suite may loop in the long one: that is detected, too.</summary>
    private static MutantEnd EndedLate(Mutant mutant, MutantEnd end) => end == MutantEnd.Survived || !mutant.IsLeft ? mutant.Outcome : MutantEnd.KilledLate;
}
