using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>Which property catches which planted bug when it is alone.</summary>
/// <param name="Options">What it was measured with.</param>
/// <param name="Rows">One row for each bug.</param>
public sealed record KillMatrix(KillMatrixOptions Options, IReadOnlyList<KillRow> Rows)
{
    /// <summary>Measures.</summary>
    /// <param name="options">What to measure.</param>
    /// <param name="progress">Told of each bug that is done.</param>
    public static KillMatrix Measure(KillMatrixOptions options, Action<string> progress)
    {
        PlantedBug[] bugs = [.. PlantedBugs.All.Where(bug => options.Id is null || bug.Id == options.Id)];
        Dictionary<string, DrawnScenarios> scenarios = bugs.Select(bug => bug.Settings).DistinctBy(settings => settings.ToString())
            .ToDictionary(settings => settings.ToString()!, settings => new DrawnScenarios(options.Seed, settings), StringComparer.Ordinal);
        var rows = new KillRow[bugs.Length];
        int next = -1;
        int done = 0;
        Thread[] workers = [.. Enumerable.Range(0, Math.Min(options.Workers, bugs.Length)).Select(_ => new Thread(Work) { IsBackground = true })];
        foreach (Thread worker in workers)
            worker.Start();
        foreach (Thread worker in workers)
            worker.Join();
        return new KillMatrix(options, rows);

        void Work()
        {
            for (int i = Interlocked.Increment(ref next); i < bugs.Length; i = Interlocked.Increment(ref next))
            {
                using CompiledBug compiled = bugs[i].Compile();
                rows[i] = new KillHunt(compiled, options, scenarios[bugs[i].Settings.ToString()!]).Run();
                lock (rows)
                    progress(FormattableString.Invariant($"{++done} of {bugs.Length}: {bugs[i].Id}, caught by {rows[i].Caught.Count} properties alone"));
            }
        }
    }

    /// <summary>The bugs that a property catches.</summary>
    public IEnumerable<KillRow> CaughtBy(Property property) => Rows.Where(row => row.Caught.ContainsKey(property));

    /// <summary>The bugs that a property catches and no other property does.</summary>
    public IEnumerable<KillRow> CaughtOnlyBy(Property property) => CaughtBy(property).Where(row => row.Caught.Count == 1);

    /// <summary>Properties that catch bugs, all of which other properties catch as well.</summary>
    public IEnumerable<Property> NotNeeded => Catalogue.All.Where(property => CaughtBy(property).Any() && !CaughtOnlyBy(property).Any());

    /// <summary>Properties that catch no bug.</summary>
    public IEnumerable<Property> Silent => Catalogue.All.Where(property => !CaughtBy(property).Any());

    /// <summary>Bugs that no property catches.</summary>
    public IEnumerable<KillRow> Uncaught => Rows.Where(row => row.Caught.Count == 0);

    /// <summary>Properties that do not catch the bug that each must catch alone, where that was measured.</summary>
    public IEnumerable<Property> Disagreeing => Catalogue.All.Where(
        property => PropertyBugs.Of(property) is PlantedBug own && Rows.FirstOrDefault(row => row.Bug.Id == own.Id) is KillRow row && !row.Caught.ContainsKey(property));
}
