using System.Globalization;
using System.Text.Json.Nodes;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>What a run, or several that were joined, says of its figures: rows, what is missing of what was promised, and the JSON report.</summary>
internal static class CampaignRows
{
    /// <summary>Least times that each premise must hold in a run of the default size.</summary>
    private const long LeastPremise = 100;

    /// <summary>The rows that depend on the options alone.</summary>
    public static Rows Of(RunRecord run, Figures figures)
    {
        Tally tally = figures.Tally;
        var rows = new Rows();
        rows.Add("seed", run.Seed);
        rows.Add("machine", run.Machine.ToString().ToLowerInvariant());
        if (run.Shard != Shard.Whole)
            rows.Add("shard", run.Shard.ToString());
        rows.Add("canary", run.Canary?.Text ?? "left out");
        rows.Add("cases", figures.Cases);
        rows.Add("cases run twice", figures.Repeated);
        rows.Add("cases traced", figures.Traced);
        rows.Add("operations", tally.Effective);
        rows.Add("operations without effect", tally.Applied - tally.Effective);
        rows.Add("divergences", run.Failure is null ? 0 : 1);
        rows.Add("mean mapped PTEs", tally.MeanMappedPtes);
        foreach ((string name, Tally.KindTally kind) in tally.Kinds)
            rows.Add(name, new Dictionary<string, long>([new("effective", kind.Effective), new("without effect", kind.WithoutEffect), .. kind.Outcomes]));
        foreach ((int number, long held) in figures.Premises)
            rows.Add(string.Create(CultureInfo.InvariantCulture, $"property {number}, {Catalogue.Get(number).Name}"), held);
        for (int i = 0; i < FeatureCatalogue.All.Count; i++)
            rows.Add("feature, " + FeatureCatalogue.All[i].Name, figures.Features[i]);
        rows.Add("features met", FeaturesMet(figures));
        return rows;
    }

    /// <summary>How many of all features were met: <c>118 of 119</c>.</summary>
    public static string FeaturesMet(Figures figures) => string.Create(CultureInfo.InvariantCulture, $"{figures.FeaturesMet} of {FeatureCatalogue.All.Count}");

    /// <summary>What a run of the default size should have seen and did not.</summary>
    public static List<string> Missing(RunRecord run, Figures figures)
    {
        List<string> missing = [.. figures.Tally.Missing(), .. figures.FeaturesMissing(run.Machine)];
        foreach ((int number, long held) in figures.Premises)
        {
            if (held < LeastPremise)
                missing.Add(string.Create(CultureInfo.InvariantCulture, $"premise of property {number} ({held} times)"));
        }
        if (figures.Tally.Effective * 100 < figures.Tally.Applied * 40)
            missing.Add("two operations in five that change something");
        return missing;
    }

    /// <summary>The report as JSON: the rows, and what it takes to join it with others.</summary>
    public static string ToJson(Rows rows, RunRecord run, Figures figures) =>
        rows.ToJson(new Dictionary<string, JsonNode> { ["run"] = run.Write(), ["figures"] = CampaignText.Write(figures) });
}
