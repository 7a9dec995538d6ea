using System.Globalization;
using System.Text.Json.Nodes;

namespace FolioCheck.Properties;

/// <summary>Figures and checkpoints as JSON: exact, so that a run can be joined with others or gone on with.</summary>
public static class CampaignText
{
    /// <summary>Writes figures.</summary>
    public static JsonObject Write(Figures figures)
    {
        var kinds = new JsonObject();
        foreach ((string name, Tally.KindTally kind) in figures.Tally.Kinds)
        {
            kinds[name] = new JsonObject
            {
                ["effective"] = kind.Effective,
                ["without effect"] = kind.WithoutEffect,
                ["outcomes"] = Counts(kind.Outcomes),
            };
        }
        var features = new JsonObject();
        for (int i = 0; i < FeatureCatalogue.All.Count; i++)
            features[FeatureCatalogue.All[i].Name] = figures.Features[i];
        return new JsonObject
        {
            ["cases"] = figures.Cases,
            ["repeated"] = figures.Repeated,
            ["traced"] = figures.Traced,
            ["mapped entries"] = figures.Tally.MappedPtes,
            ["kinds"] = kinds,
            ["premises"] = Counts(figures.Premises.Select(pair => KeyValuePair.Create(pair.Key.ToString(CultureInfo.InvariantCulture), pair.Value))),
            ["features"] = features,
        };
    }

    /// <summary>Reads figures.</summary>
    /// <exception cref="FormatException">They are not complete, or not of this version.</exception>
    public static Figures ReadFigures(JsonNode? node)
    {
        JsonObject figures = Object(node, "figures");
        var read = new Figures { Cases = Number(figures, "cases"), Repeated = Number(figures, "repeated"), Traced = Number(figures, "traced") };
        read.Tally.AddMapped(Number(figures, "mapped entries"));
        foreach ((string name, JsonNode? value) in Object(figures["kinds"], "kinds"))
        {
            JsonObject counts = Object(value, name);
            var kind = new Tally.KindTally { Effective = Number(counts, "effective"), WithoutEffect = Number(counts, "without effect") };
            foreach ((string word, JsonNode? _) in Object(counts["outcomes"], name + ": outcomes"))
                kind.Outcomes.Add(word, Number((JsonObject)counts["outcomes"]!, word));
            read.Tally.Add(name, kind);
        }
        JsonObject premises = Object(figures["premises"], "premises");
        foreach ((string number, JsonNode? _) in premises)
            read.AddPremise(int.Parse(number, CultureInfo.InvariantCulture), Number(premises, number));
        JsonObject features = Object(figures["features"], "features");
        if (features.Count != FeatureCatalogue.All.Count)
            throw new FormatException($"{features.Count} features, not {FeatureCatalogue.All.Count}");
        for (int i = 0; i < FeatureCatalogue.All.Count; i++)
            read.AddFeature(i, Number(features, FeatureCatalogue.All[i].Name));
        return read;
    }

    /// <summary>Writes where a campaign stands.</summary>
    public static JsonObject Write(CampaignCheckpoint checkpoint)
    {
        var guide = new JsonObject();
        for (int i = 0; i < FeatureCatalogue.All.Count; i++)
        {
            guide[FeatureCatalogue.All[i].Name] = new JsonObject
            {
                ["met"] = checkpoint.Guide.Met[i],
                ["kept"] = new JsonArray([.. checkpoint.Guide.Kept[i].Select(scenario => (JsonNode)ScenarioText.Write(scenario))]),
            };
        }
        return new JsonObject { ["next block"] = checkpoint.NextBlock, ["figures"] = Write(checkpoint.Figures), ["guide"] = guide };
    }

    /// <summary>Reads where a campaign stood.</summary>
    /// <param name="node">What was written.</param>
    /// <param name="guide">A guide that knows nothing yet.</param>
    /// <exception cref="FormatException">It is not complete, or not of this version.</exception>
    public static CampaignCheckpoint ReadCheckpoint(JsonNode? node, Guide guide)
    {
        JsonObject checkpoint = Object(node, "checkpoint");
        JsonObject known = Object(checkpoint["guide"], "guide");
        for (int i = 0; i < FeatureCatalogue.All.Count; i++)
        {
            string name = FeatureCatalogue.All[i].Name;
            JsonObject feature = Object(known[name], name);
            if (feature["kept"] is not JsonArray kept)
                throw new FormatException($"{name}: kept is missing");
            guide.Restore(i, Number(feature, "met"), kept.Select(text => ReadScenario(name, text)));
        }
        guide.EndBlock();
        return new CampaignCheckpoint(guide) { NextBlock = Number(checkpoint, "next block"), Figures = ReadFigures(checkpoint["figures"]) };
    }

    private static Scenario ReadScenario(string name, JsonNode? text)
    {
        try
        {
            return ScenarioText.Read(name, (text?.GetValue<string>() ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries)).Scenario;
        }
        catch (BadInputException exception)
        {
            throw new FormatException(exception.Message);
        }
    }

    private static JsonObject Counts(IEnumerable<KeyValuePair<string, long>> counts)
    {
        var json = new JsonObject();
        foreach ((string name, long count) in counts)
            json[name] = count;
        return json;
    }

    private static JsonObject Object(JsonNode? node, string name) => node as JsonObject ?? throw new FormatException($"{name} is missing");

    private static long Number(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue(out long number) && number >= 0 ? number : throw new FormatException($"{name} is missing, or no number");
}
