using FolioCheck.Implementation;
using FolioCheck.Properties;

namespace FolioCheck.Benchmarks;

/// <summary>What looking for state features costs a run: processor time with and without, turn about, so that both meet the same neighbours.</summary>
internal static class FeatureCost
{
    private const int Rounds = 11;

    public static void Print(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("looking for state features: machines, processor time with to without, of the lockstep alone and with every property of a single run");
        foreach ((MachineChoice machines, int cases) in new[] { (MachineChoice.Default, 150), (MachineChoice.Tiny, 300), (MachineChoice.Large, 20) })
        {
            Scenario[] scenarios = [.. Enumerable.Range(0, cases).Select(i => ScenarioGenerator.Draw(new RandomChoices((ulong)i), machines, i % 100))];
            output.WriteLine($"  {machines.ToString().ToLowerInvariant()}: {Measure.Text(Ratio(scenarios, []), "0.00")}, {Measure.Text(Ratio(scenarios, Catalogue.All), "0.00")}");
        }
    }

    private static double Ratio(Scenario[] scenarios, IReadOnlyList<Property> properties)
    {
        var without = new LockstepRun(OptimizedMemory.Create, properties) { LooksForFeatures = false };
        var with = new LockstepRun(OptimizedMemory.Create, properties);
        Seconds(without, scenarios);
        Seconds(with, scenarios);
        var ratios = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            double least = Seconds(without, scenarios);
            ratios[i] = Seconds(with, scenarios) / least;
        }
        Array.Sort(ratios);
        return ratios[Rounds / 2];
    }

    private static double Seconds(LockstepRun run, Scenario[] scenarios)
    {
        TimeSpan start = Environment.CpuUsage.UserTime;
        foreach (Scenario scenario in scenarios)
        {
            if (run.Run(scenario) is Failure failure)
                throw new InvalidOperationException(failure.Summary);
        }
        return (Environment.CpuUsage.UserTime - start).TotalSeconds;
    }
}
