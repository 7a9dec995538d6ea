using System.Globalization;

namespace FolioCheck.Kernel;

/// <summary>
/// Compares what a kernel showed after an operation with what a system under test shows, field by field, in the order of the transcript:
/// outcome, counters, processes with their VMAs and entries, folios.
/// </summary>
/// <param name="profile">What is not compared.</param>
public sealed class RecordComparison(ComparisonProfile profile)
{
    private readonly List<FieldDifference> _differences = [];
    private string _place = "";

    /// <summary>Fields compared so far.</summary>
    public long Fields { get; private set; }

    /// <summary>The fields that differ, in the order of the transcript.</summary>
    public IReadOnlyList<FieldDifference> Differences => _differences;

    /// <summary>Compares a record.</summary>
    /// <param name="kernel">What was recorded.</param>
    /// <param name="outcome">What the system answered.</param>
    /// <param name="deltas">How its counters changed.</param>
    /// <param name="state">What it shows.</param>
    public void Compare(TranscriptRecord kernel, RecordedOutcome outcome, IReadOnlyDictionary<string, long> deltas, RecordedState state)
    {
        _place = "";
        Texts("ret", kernel.Outcome.ToString(), outcome.ToString());
        Amounts("d", kernel.Deltas, deltas);
        Pairs("procs", kernel.State.Processes, state.Processes, Process);
        _place = "";
        Pairs("folios", kernel.State.Folios, state.Folios, Folio);
    }

    private void Process(RecordedProcess kernel, RecordedProcess model)
    {
        _place = $"procs[slot {kernel.Slot}].";
        Numbers("slot", kernel.Slot, model.Slot);
        Pairs("vmas", kernel.Vmas, model.Vmas, (left, right) => Vma(kernel.Slot, left, right));
        _place = "";
    }

    private void Vma(int slot, RecordedVma kernel, RecordedVma model)
    {
        _place = string.Create(CultureInfo.InvariantCulture, $"procs[slot {slot}].vmas[0x{kernel.Start:x}].");
        Numbers("a", kernel.Start, model.Start);
        Numbers("n", kernel.Length, model.Length);
        Texts("perm", kernel.Permissions, model.Permissions);
        Texts("fl", kernel.Flags, model.Flags);
        Amounts("sm", kernel.Smaps, model.Smaps);
        int index = 0;
        Pairs("pg", Seen(kernel.Runs), Seen(model.Runs), (left, right) => Run(index++, left, right));
        _place = $"procs[slot {slot}].";
    }

    /// <summary>The runs as they are without the flags that are not compared.</summary>
    private IReadOnlyList<RecordedRun> Seen(IReadOnlyList<RecordedRun> runs)
    {
        if (TranscriptFormat.RunFlags.All(flag => profile.Compares("pg." + flag)))
            return runs;
        var seen = new List<RecordedRun>();
        foreach (RecordedRun run in runs)
            RunLengths.Append(seen, run with { Flags = string.Concat(run.Flags.Where(flag => profile.Compares("pg." + flag))) });
        return seen;
    }

    private void Run(int index, RecordedRun kernel, RecordedRun model)
    {
        string field = $"pg[{index}].";
        Numbers(field + "page", kernel.Page, model.Page);
        Numbers(field + "count", kernel.Count, model.Count);
        Texts(field + "kind", kernel.Kind.ToString(), model.Kind.ToString());
        Numbers(field + "folio", kernel.Folio, model.Folio);
        Numbers(field + "index", kernel.Index, model.Index);
        Texts(field + "flags", kernel.Flags, model.Flags);
    }

    private void Folio(RecordedFolio kernel, RecordedFolio model)
    {
        _place = $"folios[{kernel.Id}].";
        Numbers("id", kernel.Id, model.Id);
        Numbers("o", kernel.Order, model.Order);
        Texts("t", kernel.Type, model.Type);
        Flags("al", kernel.Aligned, model.Aligned);
        Lists("mc", kernel.Mapcounts, model.Mapcounts, run => $"[{run.Count},{run.Pages}]");
        KernelFlags(kernel.KernelFlags, model.KernelFlags);
        Numbers("rc", kernel.References, model.References);
        Lists("tok", kernel.Tokens, model.Tokens, run => $"[{run.Value},{run.Pages},{run.Step}]");
        if (kernel.Large is { } left && model.Large is { } right)
            Large(left, right);
        _place = "";
    }

    private void Large(LargeFolioFields kernel, LargeFolioFields model)
    {
        Numbers("lmc", kernel.Mapcount, model.Mapcount);
        Numbers("emc", kernel.EntireMapcount, model.EntireMapcount);
        Numbers("npm", kernel.NrPagesMapped, model.NrPagesMapped);
        Lists("mm", kernel.Tracked, model.Tracked, tracked => $"[{tracked.Process},{tracked.Count}]");
        Flags("sh", kernel.MaybeMappedShared, model.MaybeMappedShared);
        Numbers("pin", kernel.Pins, model.Pins);
        Flags("pm", kernel.PartiallyMapped, model.PartiallyMapped);
        if (kernel.Queued is { } left && model.Queued is { } right)
            Flags("dq", left, right);
    }

    private void KernelFlags(IReadOnlyList<string> kernel, IReadOnlyList<string> model)
    {
        string left = Compared(kernel);
        string right = Compared(model);
        Texts("kf", left, right);
    }

    private string Compared(IReadOnlyList<string> flags) =>
        string.Join(' ', flags.Where(flag => profile.Compares("kf." + flag)).Order(StringComparer.Ordinal));

    private void Amounts(string field, IReadOnlyDictionary<string, long> kernel, IReadOnlyDictionary<string, long> model)
    {
        foreach (string key in kernel.Keys.Union(model.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (profile.Compares($"{field}.{key}"))
                Numbers($"{field}.{key}", kernel.GetValueOrDefault(key), model.GetValueOrDefault(key));
        }
    }

    private void Pairs<T>(string field, IReadOnlyList<T> kernel, IReadOnlyList<T> model, Action<T, T> compare)
    {
        for (int place = 0; place < Math.Min(kernel.Count, model.Count); place++)
            compare(kernel[place], model[place]);
        Numbers(field + ".count", kernel.Count, model.Count);
    }

    private void Lists<T>(string field, IReadOnlyList<T> kernel, IReadOnlyList<T> model, Func<T, string> show)
    {
        if (!profile.Compares(field))
            return;
        Fields++;
        if (!kernel.SequenceEqual(model))
            Differ(field, string.Concat(kernel.Select(show)), string.Concat(model.Select(show)));
    }

    private void Numbers(string field, long kernel, long model)
    {
        if (!profile.Compares(field))
            return;
        Fields++;
        if (kernel != model)
            Differ(field, kernel.ToString(CultureInfo.InvariantCulture), model.ToString(CultureInfo.InvariantCulture));
    }

    private void Flags(string field, bool kernel, bool model) => Numbers(field, kernel ? 1 : 0, model ? 1 : 0);

    private void Texts(string field, string kernel, string model)
    {
        Fields++;
        if (kernel != model)
            Differ(field, $"\"{kernel}\"", $"\"{model}\"");
    }

    private void Differ(string field, string kernel, string model) => _differences.Add(new FieldDifference(_place + field, kernel, model));
}
