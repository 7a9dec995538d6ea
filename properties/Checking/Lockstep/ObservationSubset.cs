using System.Text.Json;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// The part of an observation that a system shows, by names: a table (<c>folios</c>), a field (<c>folios.mapcount</c>) or a bit (<c>entries.bits.dirty</c>).
/// Whatever is not in it is taken out of both pictures before they are compared, so the comparison of the rest stays exact.
/// </summary>
public sealed class ObservationSubset
{
    /// <summary>Stands for everything in a list of names.</summary>
    public const string Everything = "*";

    private const string ZeroPageName = "entries.zero_page";
    private const string GuardMarkersName = "entries.guard_markers";
    private const string ValuesName = "values";

    private static readonly (string Table, RecordKind Kind)[] TableNames =
    [
        ("machine", RecordKind.Machine), ("statistics", RecordKind.Statistics), ("processes", RecordKind.Process), ("vmas", RecordKind.Vma),
        ("entries", RecordKind.Ptes), ("smaps", RecordKind.Smaps), ("folios", RecordKind.Folio), ("mapcounts", RecordKind.Mapcounts),
        ("exclusive", RecordKind.Exclusive), ("contents", RecordKind.Contents), ("queue", RecordKind.DeferredQueue), (ValuesName, RecordKind.Value),
    ];

    /// <summary>What cannot be told without something else: rows need their keys, tables need the rows that they belong to.</summary>
    private static readonly (string Name, string[] Needs)[] Needed =
    [
        ("queue", ["folios.folio"]), ("contents", ["folios.folio"]), ("exclusive", ["folios.folio"]), ("mapcounts", ["folios.folio"]),
        ("folios", ["folios.folio", "entries.folio"]), ("entries", ["entries.page", "entries.count", "processes.process"]),
        ("smaps", ["vmas.start"]), ("vmas", ["vmas.start", "vmas.length", "processes.process"]), (ValuesName, ["processes.process"]),
        ("processes", ["processes.process"]), ("statistics", ["statistics.order"]),
    ];

    private readonly HashSet<string> _names;
    private readonly Dictionary<RecordKind, long[]> _masks = [];

    private ObservationSubset(IEnumerable<string> names)
    {
        _names = new HashSet<string>(names, StringComparer.Ordinal);
        foreach ((string name, string[] needs) in Needed)
        {
            if (Names.Any(known => IsUnder(known, name) && _names.Contains(known)))
                _names.UnionWith(needs);
        }
        foreach ((string table, RecordKind kind) in TableNames)
        {
            if (Names.Any(name => IsUnder(name, table) && _names.Contains(name)))
                _masks.Add(kind, [.. FieldsOf(kind).Select(field => _names.Contains(table) ? -1 : MaskOf(kind, $"{table}.{field}"))]);
        }
    }

    /// <summary>The finest names that there are, in the order of the records.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. TableNames.SelectMany(table => NamesOf(table.Table, table.Kind))];

    /// <summary>All that the models show.</summary>
    public static ObservationSubset Complete { get; } = new(Names.Where(name => name != ValuesName));

    /// <summary>Outcomes alone.</summary>
    public static ObservationSubset Nothing { get; } = new([]);

    /// <summary>Whether all is shown that the models show.</summary>
    public bool IsComplete => Complete._names.IsSubsetOf(_names);

    /// <summary>Names that are in it, in order.</summary>
    public IEnumerable<string> Included => Names.Where(_names.Contains);

    /// <summary>Names that are not. What pages hold is told by folios and entries already where those are shown.</summary>
    public IEnumerable<string> LeftOut =>
        Names.Where(name => !_names.Contains(name) && !(name == ValuesName && _names.Contains("contents") && _names.Contains("entries.index")));

    /// <summary>Reads names: tables, fields, bits or <see cref="Everything"/>.</summary>
    /// <param name="names">The names.</param>
    /// <param name="subset">The subset, with what its parts cannot do without.</param>
    /// <returns>The first name that is none, or null.</returns>
    public static string? Parse(IEnumerable<string> names, out ObservationSubset subset)
    {
        var chosen = new List<string>();
        subset = Nothing;
        foreach (string name in names)
        {
            int before = chosen.Count;
            chosen.AddRange(name == Everything ? Complete.Included : Names.Where(known => IsUnder(known, name)));
            if (chosen.Count == before)
                return name;
        }
        subset = new ObservationSubset(chosen);
        return null;
    }

    /// <summary>Name of a table.</summary>
    public static string TableOf(RecordKind kind) => TableNames.First(table => table.Kind == kind).Table;

    /// <summary>Names of the fields of a table without the table's own, in order; none for lists of numbers.</summary>
    public static IEnumerable<string> FieldsOf(RecordKind kind) => ObservationLayout.FieldNames(kind).Select(name => name.Replace(' ', '_'));

    /// <summary>Whether a table is in it, or some of it.</summary>
    public bool Includes(RecordKind kind) => _masks.ContainsKey(kind);

    /// <summary>Whether a field is in it, or some of its bits; the field is named by its position.</summary>
    public bool IncludesField(RecordKind kind, int field) => _masks.TryGetValue(kind, out long[]? masks) && masks[field] != 0;

    /// <summary>Tables by name; those that are shown in part with the fields that are: <c>machine, entries (page, count)</c>.</summary>
    public static string Describe(IEnumerable<string> names)
    {
        var chosen = new HashSet<string>(names, StringComparer.Ordinal);
        IEnumerable<string> tables = TableNames.Select(table => DescribeTable(table.Table, chosen)).OfType<string>();
        return chosen.Count == 0 ? "nothing" : string.Join(", ", tables);
    }

    /// <summary>Takes everything else out of a complete picture.</summary>
    /// <param name="complete">The picture.</param>
    /// <param name="result">What is left of it.</param>
    public void Project(Observation complete, Observation result) => Copy(complete, result, new PageValues(complete));

    /// <summary>Brings a picture that has nothing else into the form that <see cref="Project"/> gives: runs of entries as long as what is shown of them allows.</summary>
    public void Settle(Observation shown, Observation result) => Copy(shown, result, null);

    private void Copy(Observation from, Observation result, PageValues? values)
    {
        result.Clear();
        bool derives = values is not null && Includes(RecordKind.Value);
        var run = new OpenRun(result);
        foreach (ObservationRecord record in from)
        {
            if (record.Kind is RecordKind.Process or RecordKind.Folio or RecordKind.DeferredQueue)
            {
                run.Close();
                values?.Flush(result);
            }
            if (record.Kind == RecordKind.Ptes && derives)
                values!.Add(record.Fields);
            if (!_masks.TryGetValue(record.Kind, out long[]? masks))
                continue;
            if (record.Kind == RecordKind.Ptes)
                AddEntries(ref run, record.Fields, masks);
            else
                AddRecord(ref run, result, record, masks);
        }
        run.Close();
        values?.Flush(result);
    }

    private static void AddRecord(ref OpenRun run, Observation result, in ObservationRecord record, long[] masks)
    {
        run.Close();
        Span<long> fields = result.AddRecord(record.Kind, record.Fields.Length);
        for (int i = 0; i < fields.Length; i++)
            fields[i] = masks.Length == 0 ? record.Fields[i] : record.Fields[i] & masks[i];
    }

    private void AddEntries(ref OpenRun run, ReadOnlySpan<long> fields, long[] masks)
    {
        long folio = fields[2];
        bool shown = folio switch
        {
            ObservationLayout.ZeroPage => _names.Contains(ZeroPageName),
            ObservationLayout.GuardMarker => _names.Contains(GuardMarkersName),
            _ => true,
        };
        // Folios that are not told apart still differ from what is none.
        if (shown)
            run.Add(fields[0], fields[1], folio < 0 ? folio : folio & masks[2], fields[3] & masks[3], fields[4] & masks[4], masks[3] != 0);
    }

    private long MaskOf(RecordKind kind, string name)
    {
        if (_names.Contains(name))
            return -1;
        long mask = 0;
        foreach ((string bit, long value) in BitsOf(kind, name))
            mask |= _names.Contains(bit) ? value : 0;
        return mask;
    }

    private static IEnumerable<string> NamesOf(string table, RecordKind kind)
    {
        string[] fields = [.. FieldsOf(kind).Select(field => $"{table}.{field}")];
        if (fields.Length == 0 || kind == RecordKind.Value)
            return [table];
        IEnumerable<string> names = fields.SelectMany(field => BitsOf(kind, field) is { Count: > 0 } bits ? bits.Select(bit => bit.Name) : [field]);
        return kind == RecordKind.Ptes ? [.. names, ZeroPageName, GuardMarkersName] : names;
    }

    private static IReadOnlyList<(string Name, long Value)> BitsOf(RecordKind kind, string field) => (kind, field) switch
    {
        (RecordKind.Ptes, "entries.bits") => BitsOf<PteBits>(field),
        (RecordKind.Vma, "vmas.flags") => BitsOf<VmaFlags>(field),
        _ => [],
    };

    private static IReadOnlyList<(string Name, long Value)> BitsOf<TFlags>(string field)
        where TFlags : struct, Enum =>
        [
            .. Enum.GetValues<TFlags>().Select(value => (Flag: value, Number: Convert.ToInt64(value, null))).Where(pair => pair.Number != 0)
                .Select(pair => ($"{field}.{JsonNamingPolicy.SnakeCaseLower.ConvertName(pair.Flag.ToString())}", pair.Number)),
        ];

    private static bool IsUnder(string name, string prefix) => name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal);

    private static string? DescribeTable(string table, HashSet<string> chosen)
    {
        string[] all = [.. Names.Where(name => IsUnder(name, table))];
        string[] some = [.. all.Where(chosen.Contains)];
        if (some.Length == 0)
            return null;
        return some.Length == all.Length ? table : $"{table} ({string.Join(", ", some.Select(name => name[(table.Length + 1)..]))})";
    }

    /// <summary>The run of entries at the end of a picture: it may go on where records between were left out.</summary>
    private struct OpenRun(Observation result)
    {
        private long _page;
        private long _count;
        private long _folio;
        private long _index;
        private long _bits;

        public void Add(long page, long count, long folio, long index, long bits, bool showsIndex)
        {
            bool inFolio = folio < 0 || !showsIndex || _index + _count == index;
            if (_count > 0 && _page + _count == page && _folio == folio && _bits == bits && inFolio)
            {
                _count += count;
                return;
            }
            Close();
            (_page, _count, _folio, _index, _bits) = (page, count, folio, index, bits);
        }

        public void Close()
        {
            if (_count > 0)
                result.AddPtes(_page, _count, (int)_folio, (int)_index, (PteBits)_bits);
            _count = 0;
        }
    }

    /// <summary>What the pages of the process at hand hold, read through its entries.</summary>
    private sealed class PageValues
    {
        private readonly Observation _complete;
        private readonly Dictionary<long, int> _contents = [];
        private readonly List<(long Page, long Token)> _tokens = [];

        public PageValues(Observation complete)
        {
            _complete = complete;
            long folio = -1;
            foreach (ObservationRecord record in complete)
            {
                if (record.Kind == RecordKind.Folio)
                    folio = record.Fields[0];
                else if (record.Kind == RecordKind.Contents)
                    _contents.Add(folio, record.Offset);
            }
        }

        public void Add(ReadOnlySpan<long> entries)
        {
            if (entries[2] < 0)
                return;
            ReadOnlySpan<long> tokens = _complete.Items.Slice(_contents[entries[2]] + (int)entries[3], (int)entries[1]);
            for (int i = 0; i < tokens.Length; i++)
            {
                if (tokens[i] != 0)
                    _tokens.Add((entries[0] + i, tokens[i]));
            }
        }

        public void Flush(Observation result)
        {
            foreach ((long page, long token) in _tokens)
            {
                Span<long> fields = result.AddRecord(RecordKind.Value, 2);
                fields[0] = page;
                fields[1] = token;
            }
            _tokens.Clear();
        }
    }
}
