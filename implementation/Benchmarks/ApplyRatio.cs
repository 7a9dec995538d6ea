using FolioCheck.Implementation;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Benchmarks;

/// <summary>
/// Applying operations without observing: how much faster the implementation is than the reference, for whole-range operations on large
/// folios and for a mix on pages of order 0.
/// </summary>
internal static class ApplyRatio
{
    private const int Base = 0;

    private sealed record Work(string Name, ThpPolicy Thp, Operation[] Before, Operation[] Timed, Operation[] After);

    public static void Print(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("apply only: work, reference us, implementation us, ratio");
        foreach (Work work in AllWork())
        {
            double reference = Microseconds(work, ReferenceMemory.Create, repeats: 40);
            double implementation = Microseconds(work, OptimizedMemory.Create, repeats: 2000);
            output.WriteLine(
                $"  {work.Name}: {Measure.Text(reference, "0.0")}, {Measure.Text(implementation, "0.00")}, {Measure.Text(reference / implementation, "0")}x");
        }
    }

    private static IEnumerable<Work> AllWork()
    {
        ThpPolicy order8 = ThpPolicy.Off.With(8, ThpMode.Always);
        ThpPolicy order4 = ThpPolicy.Off.With(4, ThpMode.Always);
        foreach ((string name, ThpPolicy thp) in new[] { ("order 8", order8), ("order 4", order4) })
        {
            Operation[] filled = [Operation.Mmap(0, Base, 512), Operation.Madvise(0, Base, 512, Advice.PopulateWrite)];
            yield return new Work(
                $"fork of 512 PTEs, {name}", thp, filled, [Operation.Fork(0, 1)], [Operation.Exit(1)]);
            yield return new Work(
                $"zap of 512 PTEs, {name}", thp, filled, [Operation.Madvise(0, Base, 512, Advice.DontNeed)],
                [Operation.Madvise(0, Base, 512, Advice.PopulateWrite)]);
            yield return new Work(
                $"zap of 512 shared PTEs, {name}", thp, [.. filled, Operation.Fork(0, 1)], [Operation.Exit(1)], [Operation.Fork(0, 1)]);
        }
        yield return new Work(
            "fault of 256 PTEs, order 8", order8, [Operation.Mmap(0, Base, 512)], [Operation.Write(0, Base + 5, 1)],
            [Operation.Madvise(0, Base, 512, Advice.DontNeed)]);
        yield return new Work(
            "two faults of 256 PTEs, order 8", order8, [Operation.Mmap(0, Base, 512)],
            [Operation.Write(0, Base + 5, 1), Operation.Write(0, Base + 300, 1)],
            [Operation.Madvise(0, Base, 512, Advice.DontNeed)]);
        yield return new Work(
            "order-0 mix: 64 faults, fork, 64 copies, exit, zap", ThpPolicy.Off, [Operation.Mmap(0, Base, 512)],
            [
                .. Pages(64).Select(page => Operation.Write(0, page, 1)), Operation.Fork(0, 1),
                .. Pages(64).Select(page => Operation.Write(1, page, 2)), Operation.Exit(1),
                Operation.Madvise(0, Base, 512, Advice.DontNeed),
            ],
            []);
    }

    private static IEnumerable<long> Pages(int count) => Enumerable.Range(0, count).Select(page => (long)page * 3);

    /// <summary>Microseconds of the timed part alone; what comes after it is not timed and puts things back.</summary>
    private static double Microseconds(Work work, MemorySystemFactory factory, int repeats)
    {
        var machine = new Machine { EntriesPerTable = 512, Frames = 1 << 13, Thp = work.Thp };
        IMemorySystem system = factory(machine);
        foreach (Operation operation in work.Before)
            system.Apply(operation);
        return Measure.Median(() =>
        {
            double seconds = 0;
            for (int i = 0; i < repeats; i++)
            {
                seconds += Measure.Seconds(() =>
                {
                    foreach (Operation operation in work.Timed)
                        system.Apply(operation);
                });
                foreach (Operation operation in work.After)
                    system.Apply(operation);
            }
            return seconds / repeats;
        }) * 1e6;
    }
}
