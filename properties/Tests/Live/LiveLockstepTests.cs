using FolioCheck.Live;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Live;

/// <summary>The comparison with the live kernel catches a model that is wrong.</summary>
[Collection(LiveFactAttribute.OneAtATime)]
public sealed class LiveLockstepTests
{
    [LiveFact]
    public void A_model_without_a_quirk_of_this_kernel_is_caught()
    {
        Failure? failure = null;
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() =>
        {
            using var kernel = new LiveKernel();
            var lockstep = new LiveLockstep(kernel, machine => ReferenceMemory.Create(machine with { Quirks = Quirks.None }));
            var scenario = new Scenario(
                new Machine { Thp = ThpPolicy.Off.With(4, ThpMode.Madvise) },
                [Operation.Mmap(0, 0, 16), Operation.Madvise(0, 0, 16, Advice.HugePage), Operation.Write(0, 0, 1), Operation.Madvise(0, 0, 8, Advice.Cold)]);
            failure = lockstep.Run(scenario);
        }));
        thread.Start();
        thread.Join();
        Assert.Null(thrown);
        Assert.NotNull(failure);
        Assert.Equal((3, "d.64.split_deferred", "0", "1"), (failure.Step, failure.Field, failure.Expected, failure.Found));
    }
}
