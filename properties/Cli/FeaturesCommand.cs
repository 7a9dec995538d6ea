using System.Globalization;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary><c>foliocheck features</c>: lists the state features, or measures how long generation takes to meet them all.</summary>
public static class FeaturesCommand
{
    /// <summary>Prints every feature with its description.</summary>
    public static int List(TextWriter output)
    {
        foreach (StateFeature feature in FeatureCatalogue.All)
            output.WriteLine($"{feature.Name}: {feature.Description}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"features: {FeatureCatalogue.All.Count}"));
        return ExitCode.Held;
    }

    /// <summary>Writes a short scenario for each feature into a folder.</summary>
    /// <param name="options">Seed, machines and most cases of the search.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="output">Where output goes.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int WriteExamples(CampaignOptions options, string folder, TextWriter output)
    {
        int written = 0;
        foreach ((StateFeature feature, Scenario scenario) in FeatureExamples.Find(options))
        {
            string path = Path.Combine(folder, FileName(feature));
            if (AtomicFile.TryWrite(path, FeatureExamples.Write(feature, scenario)) is string reason)
            {
                output.WriteLine($"{path}: {reason}");
                return ExitCode.CannotWrite;
            }
            written++;
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"examples: {written} of {FeatureCatalogue.All.Count} features"));
        return written == FeatureCatalogue.All.Count ? ExitCode.Held : ExitCode.Inconclusive;
    }

    private static string FileName(StateFeature feature)
    {
        string[] words = feature.Name.ToLowerInvariant().Split([' ', ',', '_', '-'], StringSplitOptions.RemoveEmptyEntries);
        return string.Join('-', words) + ".scenario";
    }

    /// <summary>Searches for all features with some seeds.</summary>
    /// <param name="options">Machines, most cases of each search, and whether features steer; the first seed.</param>
    /// <param name="seeds">Searches.</param>
    /// <param name="output">Where output goes.</param>
    /// <returns>An <see cref="ExitCode"/>: inconclusive if a search did not meet every promised feature.</returns>
    public static int Search(CampaignOptions options, int seeds, TextWriter output)
    {
        var results = new List<FeatureSearchResult>();
        for (int i = 0; i < seeds; i++)
        {
            FeatureSearchResult result = FeatureSearch.Run(options with { Seed = options.Seed + (ulong)i });
            results.Add(result);
            string missing = result.Missing.Count == 0 ? $"all met, last {Latest(result)}" : "never met: " + string.Join(", ", result.Missing);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {result.Seed}: {result.Operations} operations, {result.Cases} cases, {missing}"));
        }
        // A search that did not end counts with all that it did: so the median is a lower bound then.
        long[] operations = [.. results.Select(result => result.Operations).Order()];
        long[] cases = [.. results.Select(result => result.Cases).Order()];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"searches that met everything: {results.Count(result => result.Missing.Count == 0)} of {seeds}"));
        output.WriteLine("median operations: " + Median(operations));
        output.WriteLine("median cases: " + Median(cases));
        return results.TrueForAll(result => result.Missing.Count == 0) ? ExitCode.Held : ExitCode.Inconclusive;
    }

    private static string Latest(FeatureSearchResult result) =>
        string.Join(", ", result.Latest.Take(3).Select(met => string.Create(CultureInfo.InvariantCulture, $"{met.Feature} ({met.Cases})")));

    private static string Median(long[] sorted) =>
        ((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2).ToString(CultureInfo.InvariantCulture);
}
