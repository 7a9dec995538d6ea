namespace FolioCheck.Properties;

/// <summary>A model of time: what a page touch and each event in it take, in nanoseconds of one processor. What has no weight here takes nothing.</summary>
public sealed record CostWeights
{
    /// <summary>A page touch, however the page comes to be mapped.</summary>
    public double Touch { get; init; }

    /// <summary>A descriptor read.</summary>
    public double Read { get; init; }

    /// <summary>A descriptor stored.</summary>
    public double Store { get; init; }

    /// <summary>A descriptor exchanged.</summary>
    public double Exchange { get; init; }

    /// <summary>A fault.</summary>
    public double Fault { get; init; }

    /// <summary>An invalidation of one block.</summary>
    public double BlockInvalidation { get; init; }

    /// <summary>Predicted time of a page touch.</summary>
    /// <param name="run">What was counted.</param>
    public double TimeOf(TouchCounts run) => Known(run) + Fault * run.Per(run.Total.Faults) + BlockInvalidation * run.Per(run.Total.BlockInvalidations);

    /// <summary>Predicted time of a page touch that goes into folding blocks: what contpte_convert does.</summary>
    /// <param name="run">What was counted.</param>
    public double TimeOfFolding(TouchCounts run) =>
        run.Per(run.Total.Folds) * (run.PagesOfBlock * (Exchange + Store) + BlockInvalidation);

    /// <summary>The same weights with those of <see cref="Fault"/> and <see cref="BlockInvalidation"/> that make two measured times exact.</summary>
    /// <param name="one">A run and the time of a page touch in it.</param>
    /// <param name="other">Another run; faults and invalidations must not stand in the same proportion as in the first.</param>
    /// <exception cref="ArgumentException">The two runs do not tell faults from invalidations.</exception>
    public CostWeights FittedTo((TouchCounts Run, double Time) one, (TouchCounts Run, double Time) other)
    {
        double faults1 = one.Run.Per(one.Run.Total.Faults);
        double faults2 = other.Run.Per(other.Run.Total.Faults);
        double blocks1 = one.Run.Per(one.Run.Total.BlockInvalidations);
        double blocks2 = other.Run.Per(other.Run.Total.BlockInvalidations);
        double rest1 = one.Time - Known(one.Run);
        double rest2 = other.Time - Known(other.Run);
        double determinant = faults1 * blocks2 - faults2 * blocks1;
        if (determinant == 0)
            throw new ArgumentException("the two runs do not tell faults from invalidations", nameof(other));
        return this with
        {
            Fault = (rest1 * blocks2 - rest2 * blocks1) / determinant,
            BlockInvalidation = (faults1 * rest2 - faults2 * rest1) / determinant,
        };
    }

    /// <summary>All weights multiplied.</summary>
    /// <param name="factor">By what.</param>
    public CostWeights Times(double factor) => new()
    {
        Touch = Touch * factor,
        Read = Read * factor,
        Store = Store * factor,
        Exchange = Exchange * factor,
        Fault = Fault * factor,
        BlockInvalidation = BlockInvalidation * factor,
    };

    /// <summary>The part of the time of a page touch whose weights are fixed.</summary>
    private double Known(TouchCounts run) =>
        Touch + Read * run.Per(run.Total.Reads) + Store * run.Per(run.Total.Stores) + Exchange * run.Per(run.Total.Exchanges);
}
