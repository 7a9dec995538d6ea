using FolioCheck.Live;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Benchmarks;

/// <summary>How many operations a second are done on the live kernel and compared with the reference, with the full observation after every one.</summary>
internal static class LiveRate
{
    private const int Processes = 3;
    private const int Vmas = 4;
    private const int Pages = 64;
    private const int Rounds = 100;

    public static void Print(TextWriter output)
    {
        output.WriteLine();
        if (LiveKernel.WhyNot() is string reason)
        {
            output.WriteLine("live kernel: not measured: " + reason);
            return;
        }
        // The agents are children of a thread of their own, which is bound to one CPU.
        var thread = new Thread(() => Measure(output));
        thread.Start();
        thread.Join();
    }

    private static void Measure(TextWriter output)
    {
        try
        {
            using var kernel = new LiveKernel();
            var lockstep = new LiveLockstep(kernel);
            Scenario scenario = Draw();
            double seconds = Benchmarks.Measure.Median(() => Benchmarks.Measure.Seconds(() =>
            {
                if (lockstep.Run(scenario) is Failure failure)
                    throw new InvalidOperationException(failure.Summary);
            }));
            output.WriteLine($"live kernel: {Processes} processes of {Vmas} VMAs of {Pages} pages, mean mapped PTEs, operations/s");
            output.WriteLine(
                $"  {Benchmarks.Measure.Text(lockstep.Tally.MeanMappedPtes, "0")}, {Benchmarks.Measure.Text(scenario.Operations.Count / seconds, "0")}");
        }
        catch (LiveException exception)
        {
            output.WriteLine("live kernel: not measured: " + exception.Message);
        }
    }

    private static Scenario Draw()
    {
        var operations = new List<Operation>();
        for (int vma = 0; vma < Vmas; vma++)
        {
            operations.Add(Operation.Mmap(0, vma * 1024, Pages));
            operations.Add(Operation.Madvise(0, vma * 1024, Pages, Advice.HugePage));
            operations.Add(Operation.WriteRange(0, vma * 1024, Pages, 1000 * (vma + 1)));
        }
        for (int child = 1; child < Processes; child++)
            operations.Add(Operation.Fork(0, child));
        var choices = new RandomChoices(1);
        for (int round = 0; round < Rounds; round++)
        {
            int process = choices.Choose(Processes);
            long page = (1024L * choices.Choose(Vmas)) + choices.Choose(Pages);
            operations.Add(Operation.Write(process, page, round + 1));
            operations.Add(Operation.Madvise(process, page, 1, Advice.DontNeed));
            operations.Add(Operation.Write(process, page, round + 1));
            operations.Add(Operation.Mprotect(process, page / 1024 * 1024, Pages, Protection.Read));
            operations.Add(Operation.Mprotect(process, page / 1024 * 1024, Pages, Protection.Read | Protection.Write));
        }
        return new Scenario(new Machine { Frames = 1 << 16, Thp = ThpPolicy.Off.With(4, ThpMode.Madvise) }, operations);
    }
}
