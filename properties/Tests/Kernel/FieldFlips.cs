using System.Text.Json;
using System.Text.Json.Nodes;
using FolioCheck.Kernel;

namespace FolioCheck.Properties.Tests.Kernel;

/// <summary>
/// Every value that a record of a transcript may hold, flipped one at a time. Made from the words of the format, not from what the
/// comparison looks at. Where a record has many values of a field, a choice in 0..1 says which of them: 0 the first, 1 the last.
/// </summary>
internal static class FieldFlips
{
    private static readonly string[] _uncomparedSmaps = ["Referenced", "Pss"];
    private static readonly string[] _uncomparedFlags = ["referenced", "active", "idle"];

    /// <summary>All flips.</summary>
    public static IEnumerable<FieldFlip> All(double choice) => [.. Single(), .. Among(choice)];

    /// <summary>Flips of what a record has once.</summary>
    public static IEnumerable<FieldFlip> Single() => [.. Outcome(), .. Counters(), .. Overhead()];

    /// <summary>Flips of what a record may have many times.</summary>
    public static IEnumerable<FieldFlip> Among(double choice) =>
        [.. Processes(choice), .. Vmas(choice), .. Runs(choice), .. Folios(choice), .. FolioLists(choice)];

    private static IEnumerable<FieldFlip> Outcome()
    {
        foreach (string outcome in new[] { "ok", "ok 1", "err 12", "err 22", "sig 11", "sig 7" })
            yield return new("ret." + outcome, FlipEffect.Difference, record => Replace(record, "ret", outcome));
    }

    private static IEnumerable<FieldFlip> Counters()
    {
        foreach (string size in TranscriptFormat.Sizes)
        {
            foreach (string counter in TranscriptFormat.SizeCounters)
                yield return new("d." + size + "." + counter, FlipEffect.Difference, record => Count(record, size + "." + counter));
        }
        foreach (string counter in TranscriptFormat.VmCounters)
            yield return new("d.vm." + counter, ComparisonProfile.Linux618.Compares("d.vm." + counter) ? FlipEffect.Difference : FlipEffect.None, record => Count(record, "vm." + counter));
    }

    private static IEnumerable<FieldFlip> Processes(double choice)
    {
        yield return new("procs.slot", FlipEffect.Difference, record => Add(Pick(ProcessesOf(record), choice), "slot", 1));
        yield return new("procs.removed", FlipEffect.Difference, record => RemoveOne(record["st"]!["procs"]!.AsArray(), choice));
        yield return new("procs.added", FlipEffect.Difference, record => AddCopy(record["st"]!["procs"]!.AsArray(), choice));
    }

    private static IEnumerable<FieldFlip> Vmas(double choice)
    {
        yield return Vma("a", choice, vma => Add(vma, "a", 1));
        yield return Vma("n", choice, vma => Add(vma, "n", 1));
        for (int place = 0; place < 4; place++)
        {
            int letter = place;
            yield return Vma("perm." + letter, choice, vma => FlipPermission(vma, letter));
        }
        foreach (string flag in TranscriptFormat.VmaFlags)
            yield return Vma("fl." + flag, choice, vma => ToggleWord(vma, "fl", flag));
        foreach (string field in TranscriptFormat.SmapsFields)
        {
            FlipEffect effect = _uncomparedSmaps.Contains(field) ? FlipEffect.None : FlipEffect.Difference;
            yield return Vma("sm." + field, choice, vma => Add(vma["sm"]!.AsObject(), field, 4), effect);
            yield return Vma("sm." + field + ".removed", choice, vma => vma["sm"]!.AsObject().Remove(field), effect);
        }
        yield return Lists("vmas.removed", VmaListsOf, choice, vmas => RemoveOne(vmas, choice));
        yield return Lists("vmas.added", VmaListsOf, choice, vmas => AddCopy(vmas, choice));
    }

    private static IEnumerable<FieldFlip> Runs(double choice)
    {
        yield return Run("page", choice, run => Increase(run, 0));
        yield return Run("count", choice, run => Increase(run, 1));
        yield return Run("folio", choice, run => Increase(run, 3));
        yield return Run("index", choice, run => Increase(run, 4));
        foreach (char kind in TranscriptFormat.RunKinds)
        {
            FlipEffect effect = kind == 'S' ? FlipEffect.EndOfModel : FlipEffect.Difference;
            yield return Run("kind." + kind, choice, run => ChangeKind(run, kind), effect);
        }
        foreach (char letter in TranscriptFormat.RunFlags)
            yield return Run("flags." + letter, choice, run => ToggleLetter(run, letter));
        yield return Lists("pg.removed", RunListsOf, choice, runs => RemoveOne(runs, choice));
        yield return Lists("pg.added", RunListsOf, choice, runs => AddCopy(runs, choice));
    }

    private static IEnumerable<FieldFlip> Folios(double choice)
    {
        yield return Folio("id", choice, folio => Add(folio, "id", 1));
        yield return Large("o", choice, folio => Add(folio, "o", (int)folio["o"]! == 9 ? -1 : 1));
        foreach (string type in TranscriptFormat.FolioTypes)
            yield return Folio("t." + type, choice, folio => Replace(folio, "t", type));
        yield return Folio("al", choice, folio => Toggle(folio, "al"));
        yield return Folio("rc", choice, folio => Add(folio, "rc", 1));
        foreach (string flag in TranscriptFormat.KernelFlags)
        {
            FlipEffect effect = _uncomparedFlags.Contains(flag) ? FlipEffect.None : FlipEffect.Difference;
            yield return Folio("kf." + flag, choice, folio => ToggleWord(folio, "kf", flag), effect);
        }
        foreach (string number in new[] { "lmc", "emc", "npm", "pin" })
            yield return Large(number, choice, folio => Add(folio, number, 1));
        foreach (string flag in new[] { "sh", "pm", "dq" })
            yield return Large(flag, choice, folio => Toggle(folio, flag));
        yield return new("folios.removed", FlipEffect.Difference, record => RemoveOne(record["st"]!["folios"]!.AsArray(), choice));
        yield return new("folios.added", FlipEffect.Difference, record => AddCopy(record["st"]!["folios"]!.AsArray(), choice));
    }

    private static IEnumerable<FieldFlip> FolioLists(double choice)
    {
        yield return Folio("mc.count", choice, folio => OnOne(Elements(folio, "mc"), choice, run => Increase(run, 0)));
        yield return Folio("mc.pages", choice, folio => OnOne(Elements(folio, "mc"), choice, run => Increase(run, 1)));
        yield return Folio("mc.removed", choice, folio => RemoveOne(folio["mc"]!.AsArray(), choice));
        yield return Folio("tok.value", choice, folio => OnOne(Elements(folio, "tok"), choice, run => Increase(run, 0)));
        yield return Folio("tok.pages", choice, folio => OnOne(Elements(folio, "tok"), choice, run => Increase(run, 1)));
        yield return Folio("tok.step", choice, folio => OnOne(Elements(folio, "tok"), choice, run => Toggle(run, 2)));
        yield return Folio("tok.removed", choice, folio => RemoveOne(folio["tok"]!.AsArray(), choice));
        yield return Large("mm.process", choice, folio => OnOne(Elements(folio, "mm"), choice, RenameProcess));
        yield return Large("mm.count", choice, folio => OnOne(Elements(folio, "mm"), choice, tracked => Increase(tracked, 1)));
        yield return Large("mm.removed", choice, folio => RemoveOne(folio["mm"]!.AsArray(), choice));
        yield return Large("mm.added", choice, folio => AddTracked(folio["mm"]!.AsArray()));
    }

    private static IEnumerable<FieldFlip> Overhead()
    {
        yield return new("x", FlipEffect.None, record => Set(record, "x", new JsonObject { ["0"] = new JsonArray(1, 2, 3, 4) }));
        yield return new("x.removed", FlipEffect.None, record => record.Remove("x"));
    }

    private static FieldFlip Vma(string field, double choice, Func<JsonObject, bool> apply, FlipEffect effect = FlipEffect.Difference) =>
        new("vmas." + field, effect, record => OnOne(VmasOf(record), choice, apply));

    private static FieldFlip Run(string field, double choice, Func<JsonArray, bool> apply, FlipEffect effect = FlipEffect.Difference) =>
        new("pg." + field, effect, record => OnOne(RunsOf(record), choice, apply));

    private static FieldFlip Folio(string field, double choice, Func<JsonObject, bool> apply, FlipEffect effect = FlipEffect.Difference) =>
        new("folios." + field, effect, record => OnOne(FoliosOf(record), choice, apply));

    private static FieldFlip Large(string field, double choice, Func<JsonObject, bool> apply) =>
        new("folios." + field, FlipEffect.Difference, record => OnOne(FoliosOf(record).Where(IsLarge), choice, apply));

    private static FieldFlip Lists(
        string field, Func<JsonObject, IEnumerable<JsonArray>> lists, double choice, Func<JsonArray, bool> apply) =>
        new(field, FlipEffect.Difference, record => OnOne(lists(record), choice, apply));

    private static bool IsLarge(JsonObject folio) => (int)folio["o"]! > 0;

    private static IEnumerable<JsonObject> ProcessesOf(JsonObject record) => Objects(record["st"]!["procs"]);

    private static IEnumerable<JsonObject> VmasOf(JsonObject record) => ProcessesOf(record).SelectMany(process => Objects(process["vmas"]));

    private static IEnumerable<JsonObject> FoliosOf(JsonObject record) => Objects(record["st"]!["folios"]);

    private static IEnumerable<JsonArray> RunListsOf(JsonObject record) => VmasOf(record).Select(vma => vma["pg"]!.AsArray());

    private static IEnumerable<JsonArray> RunsOf(JsonObject record) => VmasOf(record).SelectMany(vma => Elements(vma, "pg"));

    private static IEnumerable<JsonArray> VmaListsOf(JsonObject record) =>
        ProcessesOf(record).Select(process => process["vmas"]!.AsArray());

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => list!.AsArray().Select(item => item!.AsObject());

    private static IEnumerable<JsonArray> Elements(JsonObject owner, string list) => owner[list]!.AsArray().Select(item => item!.AsArray());

    private static T? Pick<T>(IEnumerable<T> items, double choice)
        where T : class
    {
        List<T> all = [.. items];
        return all.Count == 0 ? null : all[(int)(choice * (all.Count - 1))];
    }

    /// <summary>Changes the chosen item; if it has no such value, the first one that has.</summary>
    private static bool OnOne<T>(IEnumerable<T> items, double choice, Func<T, bool> apply)
        where T : class
    {
        List<T> all = [.. items];
        return (Pick(all, choice) is { } item && apply(item)) || all.Any(apply);
    }

    private static bool Set(JsonObject owner, string member, JsonNode value)
    {
        owner[member] = value;
        return true;
    }

    private static bool Replace(JsonObject owner, string member, string text) => (string?)owner[member] != text && Set(owner, member, text);

    private static bool Add(JsonObject? owner, string member, long amount) =>
        owner is not null && Set(owner, member, ((long?)owner[member] ?? 0) + amount);

    private static bool Toggle(JsonObject owner, string member) => owner[member] is { } flag && Set(owner, member, 1 - (int)flag);

    private static bool Count(JsonObject record, string counter)
    {
        JsonObject deltas = record["d"]!.AsObject();
        return Set(deltas, counter, (long?)deltas[counter] == -1 ? -2 : ((long?)deltas[counter] ?? 0) + 1);
    }

    private static bool ToggleWord(JsonObject owner, string member, string word)
    {
        List<string> words = [.. ((string)owner[member]!).Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        if (!words.Remove(word))
            words.Add(word);
        return Set(owner, member, string.Join(' ', words));
    }

    private static bool FlipPermission(JsonObject vma, int place)
    {
        char[] permissions = ((string)vma["perm"]!).ToCharArray();
        char other = "rwxs"[place];
        permissions[place] = permissions[place] != other ? other : place == 3 ? 'p' : '-';
        return Set(vma, "perm", new string(permissions));
    }

    private static bool Increase(JsonArray run, int element)
    {
        if (run[element]!.GetValueKind() != JsonValueKind.Number)
            return false;
        run[element] = (long)run[element]! + 1;
        return true;
    }

    private static bool Toggle(JsonArray run, int element)
    {
        run[element] = 1 - (long)run[element]!;
        return true;
    }

    private static bool ChangeKind(JsonArray run, char kind)
    {
        if ((string)run[2]! == kind.ToString())
            return false;
        run[2] = kind.ToString();
        run[3] = kind == 'Z' ? "z" : 0;
        return true;
    }

    private static bool ToggleLetter(JsonArray run, char letter)
    {
        string flags = (string)run[5]!;
        bool Stays(char other) => flags.Contains(other, StringComparison.Ordinal) != (other == letter);
        run[5] = string.Concat(TranscriptFormat.RunFlags.Where(Stays));
        return true;
    }

    private static bool RenameProcess(JsonArray tracked)
    {
        tracked[0] = (string)tracked[0]! == "dead" ? "0" : "dead";
        return true;
    }

    private static bool AddTracked(JsonArray tracked)
    {
        tracked.Add(new JsonArray("dead", 1));
        return true;
    }

    private static bool RemoveOne(JsonArray list, double choice)
    {
        if (list.Count == 0)
            return false;
        list.RemoveAt((int)(choice * (list.Count - 1)));
        return true;
    }

    private static bool AddCopy(JsonArray list, double choice)
    {
        if (list.Count == 0)
            return false;
        list.Add(list[(int)(choice * (list.Count - 1))]!.DeepClone());
        return true;
    }
}
