namespace FolioCheck.Properties;

/// <summary>What a cost model says of one of the four settings.</summary>
/// <param name="Case">The setting.</param>
/// <param name="Counts">What happens in it.</param>
/// <param name="Time">Nanoseconds that a page touch takes one processor, as the model says.</param>
public sealed record PageFault3Prediction(PageFault3Case Case, TouchCounts Counts, double Time)
{
    /// <summary>Page touches a second of all processes, as the model says.</summary>
    public double Throughput => PageFault3Study.Exchange(Time);

    /// <summary>How far it is from what was measured: 0.1 is ten percent too much.</summary>
    public double Error => Throughput / Case.Throughput - 1;
}
