using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using FolioCheck.Kernel;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>Writes transcripts, the files that <see cref="Transcript"/> reads: packed, and the same bytes for the same records.</summary>
public static class TranscriptWriter
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">Its path; it ends with .jsonl.gz.</param>
    /// <param name="header">Line 1; the number of records is filled in.</param>
    /// <param name="records">The other lines.</param>
    /// <param name="profile">Fields of smaps and page flags that are not compared are not written.</param>
    public static void Write(string path, TranscriptHeader header, IReadOnlyList<TranscriptRecord> records, ComparisonProfile profile)
    {
        string unfinished = path + ".new";
        using (FileStream file = File.Create(unfinished))
        using (var packed = new GZipStream(file, CompressionLevel.SmallestSize))
        {
            Line(packed, json => Header(json, header, records.Count));
            foreach (TranscriptRecord record in records)
                Line(packed, json => Record(json, record, profile));
        }
        File.Move(unfinished, path, overwrite: true);
    }

    private static void Line(Stream output, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        output.WriteByte((byte)'\n');
    }

    private static void Header(Utf8JsonWriter json, TranscriptHeader header, int records)
    {
        json.WriteString("schema", TranscriptFormat.Schema);
        json.WriteString("profile", header.Profile);
        json.WriteNumber("seed", header.Seed);
        json.WriteString("kernel", header.Kernel);
        json.WriteString("arena", header.Arena);
        json.WriteNumber("page", TranscriptFormat.PageBytes);
        json.WriteNumber("nops", header.DrawnOperations);
        json.WriteNumber("records", records);
        json.WriteStartObject("settings");
        json.WriteStartObject("anon");
        foreach ((int size, ThpMode mode) in header.Settings.Anon)
            json.WriteString(Text(size), Properties.OperationText.NameOf(mode));
        json.WriteEndObject();
        json.WriteStartObject("shmem");
        foreach ((int size, string mode) in header.Settings.Shmem)
            json.WriteString(Text(size), mode);
        json.WriteEndObject();
        json.WriteString("global", Properties.OperationText.NameOf(header.Settings.Global));
        json.WriteNumber("huge_zero", header.Settings.HugeZeroPage ? 1 : 0);
        json.WriteEndObject();
        if (header.Swap is string swap)
            json.WriteString("swap", swap);
        if (header.Khugepaged is string khugepaged)
            json.WriteString("khugepaged", khugepaged);
        if (header.Cpu is long cpu)
            json.WriteNumber("cpu", cpu);
    }

    private static void Record(Utf8JsonWriter json, TranscriptRecord record, ComparisonProfile profile)
    {
        json.WriteNumber("i", record.Index);
        json.WriteStartArray("op");
        json.WriteStringValue(record.Operation.Name);
        foreach (RecordedArgument argument in record.Operation.Arguments)
        {
            if (argument.Word is string word)
                json.WriteStringValue(word);
            else
                json.WriteNumberValue(argument.Number);
        }
        json.WriteEndArray();
        json.WriteString("ret", record.Outcome.ToString());
        json.WriteStartObject("d");
        foreach ((string name, long change) in record.Deltas)
            json.WriteNumber(name, change);
        json.WriteEndObject();
        json.WriteStartObject("st");
        json.WriteStartArray("procs");
        foreach (RecordedProcess process in record.State.Processes)
            Process(json, process, profile);
        json.WriteEndArray();
        json.WriteStartArray("folios");
        foreach (RecordedFolio folio in record.State.Folios)
            Folio(json, folio, profile);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Process(Utf8JsonWriter json, RecordedProcess process, ComparisonProfile profile)
    {
        json.WriteStartObject();
        json.WriteNumber("slot", process.Slot);
        json.WriteStartArray("vmas");
        foreach (RecordedVma vma in process.Vmas)
        {
            json.WriteStartObject();
            json.WriteNumber("a", vma.Start);
            json.WriteNumber("n", vma.Length);
            json.WriteString("perm", vma.Permissions);
            json.WriteString("fl", vma.Flags);
            json.WriteStartObject("sm");
            foreach ((string name, long amount) in vma.Smaps.Where(field => profile.Compares("sm." + field.Key)))
                json.WriteNumber(name, amount);
            json.WriteEndObject();
            json.WriteStartArray("pg");
            foreach (RecordedRun run in vma.Runs)
                Run(json, run);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Run(Utf8JsonWriter json, RecordedRun run)
    {
        json.WriteStartArray();
        json.WriteNumberValue(run.Page);
        json.WriteNumberValue(run.Count);
        json.WriteStringValue(run.Kind.ToString());
        if (run.Folio == RecordedRun.ZeroPage)
            json.WriteStringValue("z");
        else
            json.WriteNumberValue(run.Folio);
        json.WriteNumberValue(run.Index);
        json.WriteStringValue(run.Flags);
        json.WriteEndArray();
    }

    private static void Folio(Utf8JsonWriter json, RecordedFolio folio, ComparisonProfile profile)
    {
        json.WriteStartObject();
        json.WriteNumber("id", folio.Id);
        json.WriteNumber("o", folio.Order);
        json.WriteString("t", folio.Type);
        json.WriteNumber("al", folio.Aligned ? 1 : 0);
        Numbers(json, "mc", folio.Mapcounts, run => [run.Count, run.Pages]);
        json.WriteString("kf", string.Join(' ', folio.KernelFlags.Where(flag => profile.Compares("kf." + flag))));
        json.WriteNumber("rc", folio.References);
        Numbers(json, "tok", folio.Tokens, run => [run.Value, run.Pages, run.Step]);
        if (folio.Large is LargeFolioFields large)
            Large(json, large);
        json.WriteEndObject();
    }

    private static void Large(Utf8JsonWriter json, LargeFolioFields large)
    {
        json.WriteNumber("lmc", large.Mapcount);
        json.WriteNumber("emc", large.EntireMapcount);
        json.WriteNumber("npm", large.NrPagesMapped);
        json.WriteStartArray("mm");
        foreach (TrackedMm tracked in large.Tracked)
        {
            json.WriteStartArray();
            json.WriteStringValue(tracked.Process);
            json.WriteNumberValue(tracked.Count);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteNumber("sh", large.MaybeMappedShared ? 1 : 0);
        json.WriteNumber("pin", large.Pins);
        json.WriteNumber("pm", large.PartiallyMapped ? 1 : 0);
        if (large.Queued is bool queued)
            json.WriteNumber("dq", queued ? 1 : 0);
    }

    private static void Numbers<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> runs, Func<T, long[]> numbers)
    {
        json.WriteStartArray(name);
        foreach (T run in runs)
        {
            json.WriteStartArray();
            foreach (long number in numbers(run))
                json.WriteNumberValue(number);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
