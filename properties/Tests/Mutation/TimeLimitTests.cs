using FolioCheck.Mutation;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

/// <summary>A bug that makes a loop endless ends its own hunt, not the run.</summary>
public class TimeLimitTests
{
    [Fact]
    public void Work_that_ends_in_time_is_done()
    {
        bool done = false;
        Assert.True(TimeLimit.Run(() => done = true, TimeSpan.FromMinutes(1)));
        Assert.True(done);
    }

    [Fact]
    public void Work_that_does_not_end_is_left_behind()
    {
        using var never = new ManualResetEventSlim();
        Assert.False(TimeLimit.Run(() => never.Wait(TimeSpan.FromMinutes(1)), TimeSpan.FromMilliseconds(50)));
        never.Set();
    }

    [Fact]
    public void Work_that_gets_on_may_take_longer()
    {
        long progress = 0;
        Assert.True(TimeLimit.Run(
            () =>
            {
                for (int i = 0; i < 20; i++)
                {
                    Interlocked.Increment(ref progress);
                    Thread.Sleep(100);
                }
            },
            TimeSpan.FromSeconds(1), () => Volatile.Read(ref progress)));
    }

    [Fact]
    public void What_work_throws_is_thrown_here() =>
        Assert.Throws<FormatException>(() => TimeLimit.Run(() => throw new FormatException(), TimeSpan.FromMinutes(1)));

    [Fact]
    public void A_hunt_that_does_not_end_is_a_timeout()
    {
        using var never = new ManualResetEventSlim();
        HuntedSystem hanging = HuntedSystem.Sound with { Tested = _ => new Hanging(never) };
        HuntResult result = BugHunt.Campaign(hanging, new HuntOptions { TimeLimit = TimeSpan.FromMilliseconds(200), Screen = false });
        never.Set();
        Assert.Equal((HuntEnd.TimedOut, "timeout"), (result.End, result.CaughtBy));
    }

    /// <summary>An endless loop that emits steps throws before it fills the memory.</summary>
    [Fact]
    public void Steps_without_end_are_refused()
    {
        using CompiledBug bug = EndlessLoad("while (index >= 0)\n    Emit(EventKind.PteCleared, process, page, LeafTable.NoFrame, 1);");
        Assert.Throws<InvalidOperationException>(() => Load(bug.CreateObserved(new Machine(), new List<MemoryEvent>())));
    }

    [Fact]
    public void A_loop_without_end_throws()
    {
        using CompiledBug bug = EndlessLoad("while (index >= 0)\n    index &= int.MaxValue;");
        Assert.Throws<InvalidOperationException>(() => Load(bug.Create(new Machine())));
    }

    [Fact]
    public void A_recursion_without_end_throws()
    {
        using CompiledBug bug = EndlessLoad("ReadFault(process, vma, leaf, index, page);");
        Assert.Throws<InsufficientExecutionStackException>(() => Load(bug.Create(new Machine())));
    }

    /// <summary>It is a loop, as compiled.</summary>
    [Fact]
    public void So_does_one_at_the_end_of_an_expression()
    {
        using CompiledBug bug = Plant("LeafTable.cs", "IsGuard", "HasRareBits && Guards[index];", "IsGuard(index);");
        Assert.Throws<InvalidOperationException>(() => Load(bug.Create(new Machine())));
    }

    private static CompiledBug EndlessLoad(string fault) => Plant("Faults.cs", "ReadFault", "leaf.WriteZeroPage(index);", fault);

    private static CompiledBug Plant(string file, string member, string old, string wrong) => BugReader.Read(
        "endless.bug", $"id: endless\nfrom: test\nwrong: test\nfile: implementation/Core/{file}\nmember: {member}\n--- old\n{old}\n--- new\n{wrong}\n").Compile();

    private static void Load(IMemorySystem system)
    {
        system.Apply(Operation.Mmap(0, 16, 4));
        system.Apply(Operation.Read(0, 16));
    }

    private sealed class Hanging(ManualResetEventSlim never) : IMemorySystem
    {
        public Outcome Apply(in Operation operation)
        {
            never.Wait(TimeSpan.FromMinutes(1));
            throw new InvalidOperationException("the hunt is over");
        }

        public void Observe(Observation observation) => observation.Clear();
    }
}
