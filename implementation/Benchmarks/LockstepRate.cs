using FolioCheck.Implementation;
using FolioCheck.Properties;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Benchmarks;

/// <summary>How many operations a second the lockstep does, with the full comparison after every one, and where the time goes.</summary>
internal static class LockstepRate
{
    public static void Print(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("lockstep: machines, mean mapped PTEs, operations/s, operations/s with every property of a single run");
        foreach ((MachineChoice machines, int cases) in new[] { (MachineChoice.Default, 400), (MachineChoice.Tiny, 400), (MachineChoice.Large, 60) })
        {
            Scenario[] scenarios = Draw(machines, cases);
            (double plain, double mean) = Rate(scenarios, []);
            (double full, _) = Rate(scenarios, Catalogue.All);
            output.WriteLine(
                $"  {machines.ToString().ToLowerInvariant()}: {Measure.Text(mean, "0")}, {Measure.Text(plain, "0")}, {Measure.Text(full, "0")}");
            PrintShares(output, scenarios);
        }
    }

    private static Scenario[] Draw(MachineChoice machines, int cases) =>
        [.. Enumerable.Range(0, cases).Select(i => ScenarioGenerator.Draw(new RandomChoices((ulong)i), machines, i % 100))];

    private static (double Rate, double Mean) Rate(Scenario[] scenarios, IReadOnlyList<Property> properties)
    {
        var run = new LockstepRun(OptimizedMemory.Create, properties);
        long operations = scenarios.Sum(scenario => (long)scenario.Operations.Count);
        double seconds = Measure.Median(() => Measure.Seconds(() =>
        {
            foreach (Scenario scenario in scenarios)
            {
                if (run.Run(scenario) is Failure failure)
                    throw new InvalidOperationException(failure.Summary);
            }
        }));
        return (operations / seconds, run.Tally.MeanMappedPtes);
    }

    /// <summary>Microseconds an operation for each part, measured apart.</summary>
    private static void PrintShares(TextWriter output, Scenario[] scenarios)
    {
        long operations = scenarios.Sum(scenario => (long)scenario.Operations.Count);
        var parts = new List<string>();
        foreach ((string name, MemorySystemFactory factory) in new (string, MemorySystemFactory)[]
        {
            ("reference", ReferenceMemory.Create), ("implementation", OptimizedMemory.Create),
        })
        {
            double apply = Measure.Median(() => Measure.Seconds(() => Run(scenarios, factory, null)));
            var observation = new Observation();
            double both = Measure.Median(() => Measure.Seconds(() => Run(scenarios, factory, observation)));
            parts.Add($"{name} apply {Microseconds(apply, operations)}, observe {Microseconds(both - apply, operations)}");
        }
        output.WriteLine("    us an operation: " + string.Join("; ", parts));
    }

    private static string Microseconds(double seconds, long operations) => Measure.Text(seconds * 1e6 / operations, "0.0");

    private static void Run(Scenario[] scenarios, MemorySystemFactory factory, Observation? observation)
    {
        foreach (Scenario scenario in scenarios)
        {
            IMemorySystem system = factory(scenario.Machine);
            foreach (Operation operation in scenario.Operations)
            {
                system.Apply(operation);
                if (observation is not null)
                    system.Observe(observation);
            }
        }
    }
}
