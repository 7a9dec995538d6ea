namespace FolioCheck.Properties;

/// <summary>
/// Makes a failing scenario small while the same check keeps failing in the same field.
/// </summary>
/// <remarks>
/// <para>
/// What is minimised. Scenarios have a <see cref="ScenarioSize"/>: number of operations; number of processes; folio sizes and their settings; the machine
/// (entries in a table, frames, quirks); pages in ranges; addresses; tokens; numbers of processes and handles. It is a row of natural numbers,
/// compared from the left, so the order is well-founded: no chain of ever smaller sizes is endless.
/// </para>
/// <para>
/// Why it ends. <see cref="ShrinkSearch"/> keeps a candidate only if its size is smaller than that of the best so far; that is tested, not hoped for. So the
/// candidates that are kept are such a chain, and there are finitely many of them. Between two that are kept, a pass tries finitely many: each counts up or
/// down over operations, pairs of operations, numbers or sizes of the scenario at hand, and goes back to its beginning only after a success. The
/// passes are repeated while one of them succeeds. At the end no pass finds anything smaller: a fixpoint, unless the budget of runs was
/// spent before.
/// </para>
/// <para>
/// Why it is the same everywhere. Passes have a fixed order, candidates within a pass have one, and a candidate depends on the scenario at hand alone. There is no
/// clock and no random number; the budget counts runs. So the result depends on the scenario and on what the check answers.
/// </para>
/// <para>
/// Why this order. Operations are total, so every candidate is a valid scenario and nothing has to be repaired. Operands are resolved first, since what
/// an operation does not need only hides what it does. Chunks save the most, and operations go before their operands are looked at. Setting a
/// policy from the start, a smaller machine and shorter ranges can make operations superfluous; so all passes are repeated. Unions and pairs have many
/// candidates and few successes: their turn comes only when nothing else helps.
/// </para>
/// </remarks>
public static class Shrinker
{
    /// <summary>Most runs that are spent when nobody says how many.</summary>
    public const int UsualBudget = 5000;

    private static readonly (string Name, Action<ShrinkSearch> Run)[] _passes =
    [
        ("tail", TailPass.Run), ("resolve operands", ResolvePass.Run), ("chunks", ChunksPass.Run), ("single operations", SinglesPass.Run),
        ("processes", ProcessesPass.Run), ("orders and policies", PoliciesPass.Run), ("machine", MachinePass.Run), ("ranges", RangesPass.Run),
        ("tokens", TokensPass.Run), ("names", NamesPass.Run),
    ];

    private static readonly (string Name, Action<ShrinkSearch> Run)[] _lastResorts = [("unions", UnionsPass.Run), ("pairs", PairsPass.Run)];

    /// <summary>Names of the passes, in their order.</summary>
    public static IEnumerable<string> Passes => _passes.Concat(_lastResorts).Select(pass => pass.Name);

    /// <summary>Shrinks a failing scenario.</summary>
    /// <param name="scenario">It fails.</param>
    /// <param name="failure">How it fails.</param>
    /// <param name="run">Runs a candidate.</param>
    /// <param name="budget">Most runs to spend.</param>
    /// <returns>The smallest scenario found; it fails like the first.</returns>
    public static Scenario Shrink(Scenario scenario, Failure failure, Func<Scenario, Failure?> run, int budget = UsualBudget) =>
        Run(scenario, failure, run, budget).Scenario;

    /// <summary>Shrinks a failing scenario, and tells what each pass did.</summary>
    /// <param name="scenario">It fails.</param>
    /// <param name="failure">How it fails.</param>
    /// <param name="run">Runs a candidate.</param>
    /// <param name="budget">Most runs to spend.</param>
    public static ShrinkResult Run(Scenario scenario, Failure failure, Func<Scenario, Failure?> run, int budget = UsualBudget)
    {
        var search = new ShrinkSearch(scenario, failure, run, budget);
        Dictionary<string, PassStatistics> statistics = Passes.ToDictionary(name => name, name => new PassStatistics(name, 0, 0));
        var fruitless = new Dictionary<string, Scenario>();
        bool smaller = true;
        while (smaller && !search.IsSpent)
        {
            Scenario before = search.Best;
            foreach ((string Name, Action<ShrinkSearch> Run) pass in _passes)
                Turn(pass);
            for (int i = 0; i < _lastResorts.Length && ReferenceEquals(search.Best, before); i++)
                Turn(_lastResorts[i]);
            smaller = !ReferenceEquals(search.Best, before);
        }
        return new ShrinkResult(search.Best, [.. Passes.Select(name => statistics[name])], search.IsSpent);

        void Turn((string Name, Action<ShrinkSearch> Run) pass)
        {
            // What did not help is not tried again on the same scenario.
            if (search.IsSpent || ReferenceEquals(fruitless.GetValueOrDefault(pass.Name), search.Best))
                return;
            search.BeginPass();
            pass.Run(search);
            if (search.Kept == 0)
                fruitless[pass.Name] = search.Best;
            PassStatistics sum = statistics[pass.Name];
            statistics[pass.Name] = sum with { Tried = sum.Tried + search.Tried, Kept = sum.Kept + search.Kept };
        }
    }
}
