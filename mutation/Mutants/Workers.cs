using System.Collections.Concurrent;
using System.Globalization;

namespace FolioCheck.Mutants;

/// <summary>Tests mutants on several processes.</summary>
/// <param name="program">Assembly of mutation/Suite, beside the assembly with mutants.</param>
/// <param name="corpus">The folder properties/corpus.</param>
/// <param name="count">Processes.</param>
public sealed class Workers(string program, string corpus, int count)
{
    /// <summary>Numbers of the mutants that the quick suite reaches.</summary>
    /// <exception cref="InvalidOperationException">The suite does not hold without a mutant.</exception>
    public HashSet<int> Reached()
    {
        using var worker = new Worker(program, corpus);
        string answer = worker.Ask("reached") ?? "the suite died";
        string[] words = answer.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || !words.All(word => int.TryParse(word, CultureInfo.InvariantCulture, out _)))
            throw new InvalidOperationException(answer);
        return [.. words.Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
    }

    /// <summary>Tests mutants; ends come in as they are found.</summary>
    /// <param name="suite">quick or long.</param>
    /// <param name="ids">Numbers of the mutants.</param>
    public IEnumerable<(int Id, MutantEnd End)> Run(string suite, IEnumerable<int> ids)
    {
        var left = new ConcurrentQueue<int>(ids);
        using var ends = new BlockingCollection<(int, MutantEnd)>();
        Task[] tasks = [.. Enumerable.Range(0, count).Select(_ => Task.Factory.StartNew(Work, TaskCreationOptions.LongRunning))];
        Task all = Task.WhenAll(tasks).ContinueWith(_ => ends.CompleteAdding(), TaskScheduler.Default);
        foreach ((int, MutantEnd) end in ends.GetConsumingEnumerable())
            yield return end;
        all.Wait();
        Task.WaitAll(tasks);

        void Work()
        {
            using var worker = new Worker(program, corpus);
            while (left.TryDequeue(out int id))
                ends.Add((id, EndOf(worker.Ask($"{suite} {id}"))));
        }
    }

    /// <summary>A process dies of a stack that overflows, or of memory that ends: no answer at all is no sound mutant.</summary>
    private static MutantEnd EndOf(string? answer) => answer switch
    {
        null or "Failed" => MutantEnd.Killed,
        "Endless" or "Lost" => MutantEnd.Timeout,
        "Held" => MutantEnd.Survived,
        _ => throw new InvalidOperationException($"the suite answered {answer}"),
    };
}
