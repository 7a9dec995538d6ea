using Xunit;

namespace FolioCheck.Properties.Tests.Costs;

/// <summary>The cost model: what it adds up, what it is fitted to, and what it must not know.</summary>
public sealed class CostModelTests
{
    private static TouchCounts Count(string scenario) => new(KnownScenario.Cost(scenario));

    private static PageFault3Study Study(IReadOnlyList<PageFault3Case> cases) => new(Count, cases, PageFault3Study.FixedWeights);

    [Fact]
    public void Time_is_the_sum_of_weights_and_counts_of_a_touch()
    {
        var weights = new CostWeights { Touch = 7, Fault = 1000, Read = 16, Store = 160, Exchange = 1600, BlockInvalidation = 16_000 };
        // A block of case 2, SPECIFICATION.md 7.8, and at munmap 16 X and 2 R: the folded block is read as one, once young and dirty.
        Assert.Equal(7 + 1000 + 16 * 34 / 16 + 160 * 32 / 16 + 1600 * 32 / 16 + 16_000 / 16, weights.TimeOf(Count("page-fault3-2-large-folios-by-page")), 6);
        Assert.Equal((16 * 160 + 16 * 1600 + 16_000) / 16, weights.TimeOfFolding(Count("page-fault3-2-large-folios-by-page")), 6);
        Assert.Equal(0, weights.TimeOfFolding(Count("page-fault3-4-whole-folios")));
    }

    [Fact]
    public void The_two_fitted_cases_are_exact_and_the_others_are_not()
    {
        PageFault3Study study = Study(PageFault3Study.Reported);
        Assert.Equal([2, 3], study.Predictions.Where(prediction => prediction.Case.IsFitted).Select(prediction => prediction.Case.Number));
        Assert.All(study.Predictions, prediction => Assert.Equal(prediction.Case.IsFitted, Math.Abs(prediction.Error) < 1e-9));
        Assert.True(study.Weights.Fault > 0 && study.Weights.BlockInvalidation > study.Weights.Fault);
    }

    /// <summary>No circular agreement: whatever was measured in the cases that are predicted, weights and predictions are the same.</summary>
    [Fact]
    public void Nothing_is_learned_from_what_is_predicted()
    {
        PageFault3Study study = Study(PageFault3Study.Reported);
        PageFault3Study other = Study([.. PageFault3Study.Reported.Select(setting => setting.IsFitted ? setting : setting with { Throughput = 1 })]);
        Assert.Equal(study.Weights, other.Weights);
        Assert.Equal(study.Predictions.Select(prediction => prediction.Throughput), other.Predictions.Select(prediction => prediction.Throughput));
    }

    [Fact]
    public void Fitting_leaves_fixed_weights_alone()
    {
        PageFault3Study study = Study(PageFault3Study.Reported).WithFixedTimes(3);
        CostWeights expected = PageFault3Study.FixedWeights.Times(3);
        Assert.Equal(expected with { Fault = study.Weights.Fault, BlockInvalidation = study.Weights.BlockInvalidation }, study.Weights);
        Assert.All(study.Predictions.Where(prediction => prediction.Case.IsFitted), prediction => Assert.Equal(0, prediction.Error, 9));
    }

    [Fact]
    public void Two_runs_that_do_not_tell_faults_from_invalidations_fit_nothing()
    {
        (TouchCounts, double) run = (Count("page-fault3-3-large-folios-without-layer"), 1000);
        Assert.Throws<ArgumentException>(() => new CostWeights().FittedTo(run, run));
    }
}
