using System.Diagnostics;
using System.Globalization;
using FolioCheck.Benchmarks;

Console.WriteLine($".NET {Environment.Version}, {Environment.ProcessorCount} processors; one thread; compare ratios, not seconds");
if (args.Contains("features"))
{
    FeatureCost.Print(Console.Out);
    return;
}
if (!args.Contains("live"))
{
    LockstepRate.Print(Console.Out);
    ApplyRatio.Print(Console.Out);
}
LiveRate.Print(Console.Out);

namespace FolioCheck.Benchmarks
{
    /// <summary>Time of repeated work: the median of several rounds, so that a noisy neighbour spoils one round and not the figure.</summary>
    internal static class Measure
    {
        private const int Rounds = 7;

        /// <summary>Median seconds of one round.</summary>
        public static double Median(Func<double> round)
        {
            var seconds = new double[Rounds];
            for (int i = 0; i < Rounds; i++)
                seconds[i] = round();
            Array.Sort(seconds);
            return seconds[Rounds / 2];
        }

        /// <summary>Seconds that an action takes.</summary>
        public static double Seconds(Action action)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        /// <summary>A number with some decimals, the same in every culture.</summary>
        public static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
    }
}
