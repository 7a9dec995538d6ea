using System.Globalization;
using FolioCheck.Vocabulary;

namespace FolioCheck.Kernel;

/// <summary>Line 1 of a transcript.</summary>
internal static class HeaderParser
{
    public static TranscriptHeader Parse(JsonMembers members)
    {
        JsonValue schema = members["schema"];
        if (schema.Text() != TranscriptFormat.Schema)
            throw schema.Error($"is \"{schema.Text()}\", not \"{TranscriptFormat.Schema}\"");
        members["page"].Whole(TranscriptFormat.PageBytes, TranscriptFormat.PageBytes);
        var header = new TranscriptHeader
        {
            Profile = members["profile"].Text(),
            Seed = members["seed"].Whole(),
            Kernel = members["kernel"].Text(),
            Arena = Arena(members["arena"]),
            DrawnOperations = members["nops"].Small(),
            Records = members.Optional("records")?.Small(),
            Settings = Settings(members["settings"].Object()),
            Swap = members.Optional("swap")?.Text(),
            Khugepaged = members.Optional("khugepaged")?.Text(),
            Cpu = members.Optional("cpu")?.Whole(),
        };
        members.End();
        return header;
    }

    private static string Arena(JsonValue value)
    {
        string text = value.Text();
        bool isAddress = text.StartsWith("0x", StringComparison.Ordinal)
            && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
        return isAddress ? text : throw value.Error("is not a hexadecimal address");
    }

    private static TranscriptSettings Settings(JsonMembers members)
    {
        var settings = new TranscriptSettings
        {
            Anon = BySize(members["anon"], IsAnonSize, Mode),
            Shmem = BySize(members["shmem"], TranscriptFormat.Sizes.Contains, mode => mode.Word(TranscriptFormat.ShmemModes)),
            Global = members.Optional("global") is { } global ? GlobalMode(global) : ThpMode.Madvise,
            HugeZeroPage = members["huge_zero"].Flag(),
        };
        members.End();
        return settings;
    }

    private static bool IsAnonSize(string size) => size != "8" && TranscriptFormat.Sizes.Contains(size);

    private static Dictionary<int, T> BySize<T>(JsonValue value, Func<string, bool> isSize, Func<JsonValue, T> convert) =>
        value.Map(isSize, convert).ToDictionary(entry => int.Parse(entry.Key, CultureInfo.InvariantCulture), entry => entry.Value);

    private static ThpMode GlobalMode(JsonValue value)
    {
        ThpMode mode = Mode(value);
        return mode == ThpMode.Inherit ? throw value.Error("cannot be \"inherit\"") : mode;
    }

    private static ThpMode Mode(JsonValue value) => value.Text() switch
    {
        "never" => ThpMode.Never,
        "madvise" => ThpMode.Madvise,
        "inherit" => ThpMode.Inherit,
        "always" => ThpMode.Always,
        var other => throw value.Error($"has the unknown mode \"{other}\""),
    };
}
