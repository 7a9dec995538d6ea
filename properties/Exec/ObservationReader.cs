using System.Globalization;
using System.Text.Json;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Exec;

/// <summary>
/// Reads observations as JSON. The program's own ids of folios and anon_vmas become canonical ones here, and runs of entries end where they must, so a program
/// need not know the rules for either.
/// </summary>
internal sealed class ObservationReader(ObservationSubset observed)
{
    private readonly record struct Entries(long Page, long Count, int Folio, int Index, PteBits Bits);

    private readonly AnswerTables _tables = new(observed);
    private readonly Observation _read = new();
    private readonly List<Entries> _entries = [];
    private readonly Dictionary<long, int> _folios = [];
    private readonly Dictionary<long, int> _anonVmas = [];

    /// <summary>Whether there is anything to ask for.</summary>
    public bool IsNeeded => _tables.Members.Count > 0;

    /// <summary>Reads an answer.</summary>
    /// <exception cref="SystemFailureException">It is not an observation of what the program said it shows.</exception>
    public void Read(JsonElement answer, Observation result)
    {
        _read.Clear();
        _folios.Clear();
        _anonVmas.Clear();
        AnswerShape.Check(answer, "the observation", _tables.Members);
        if (_tables.Machine.IsShown)
            Add(RecordKind.Machine, _tables.Machine.Row(answer.GetProperty(_tables.Machine.Name), _tables.Machine.Name));
        foreach ((JsonElement row, string path) in _tables.Statistics.RowsIn(answer, ""))
            Add(RecordKind.Statistics, _tables.Statistics.Row(row, path));
        foreach ((JsonElement row, string path) in _tables.Processes.RowsIn(answer, ""))
            ReadProcess(row, path);
        ReadFolios(answer);
        ReadQueue(answer);
        observed.Settle(_read, result);
    }

    private void Add(RecordKind kind, long[] row) => row.CopyTo(_read.AddRecord(kind, row.Length));

    private void ReadProcess(JsonElement process, string path)
    {
        Add(RecordKind.Process, _tables.Processes.Row(process, path));
        ReadEntries(process, path + ".");
        if (_tables.Vmas.IsShown)
        {
            ReadVmas(process, path + ".");
        }
        else
        {
            foreach (Entries run in _entries)
                _read.AddPtes(run.Page, run.Count, run.Folio, run.Index, run.Bits);
        }
        foreach ((JsonElement row, string rowPath) in _tables.Values.RowsIn(process, path + "."))
        {
            long[] value = _tables.Values.Row(row, rowPath);
            if (value[1] != 0)
                Add(RecordKind.Value, value);
        }
    }

    private void ReadEntries(JsonElement process, string path)
    {
        _entries.Clear();
        long end = 0;
        foreach ((JsonElement row, string rowPath) in _tables.Entries.RowsIn(process, path))
        {
            long[] run = _tables.Entries.Row(row, rowPath);
            if (run[0] < end || run[1] < 1)
                throw ProgramFailure.Wrong($"{rowPath}: runs have one page or more, and ascend without overlap");
            end = run[0] + run[1];
            if (run[2] < ObservationLayout.GuardMarker)
                throw ProgramFailure.Wrong($"{rowPath}.folio: {run[2]} is neither an id nor {ObservationLayout.ZeroPage} or {ObservationLayout.GuardMarker}");
            if (run[3] is < 0 or >= 1 << Machine.LargestPmdOrder)
                throw ProgramFailure.Wrong($"{rowPath}.index: {run[3]} is no page of a folio");
            if (run[4] is < 0 or > int.MaxValue)
                throw ProgramFailure.Wrong($"{rowPath}.bits: {run[4]} are no bits");
            int folio = run[2] < 0 || !observed.IncludesField(RecordKind.Ptes, 2) ? (int)run[2] : IdOf(_folios, run[2]);
            _entries.Add(new Entries(run[0], run[1], folio, (int)run[3], (PteBits)run[4]));
        }
    }

    private static int IdOf(Dictionary<long, int> ids, long own)
    {
        if (!ids.TryGetValue(own, out int id))
            ids.Add(own, id = ids.Count);
        return id;
    }

    private void ReadVmas(JsonElement process, string path)
    {
        const int AnonVma = 5;
        int next = 0;
        long end = 0;
        foreach ((JsonElement row, string rowPath) in _tables.Vmas.RowsIn(process, path))
        {
            long[] vma = _tables.Vmas.Row(row, rowPath);
            if (vma[0] < end || vma[1] < 1)
                throw ProgramFailure.Wrong($"{rowPath}: VMAs have one page or more, and ascend without overlap");
            end = vma[0] + vma[1];
            if (observed.IncludesField(RecordKind.Vma, AnonVma) && vma[AnonVma] >= 0)
                vma[AnonVma] = IdOf(_anonVmas, vma[AnonVma]);
            Add(RecordKind.Vma, vma);
            next = AddEntriesOf(vma[0], end, next);
            if (_tables.Smaps.IsShown)
                Add(RecordKind.Smaps, _tables.Smaps.Row(row.GetProperty(_tables.Smaps.Name), $"{rowPath}.{_tables.Smaps.Name}"));
        }
        if (next < _entries.Count)
            throw OutsideVmas(_entries[next].Page);
    }

    /// <summary>Adds the entries of a VMA; a run that goes on in the next one is cut. Returns the first run that is not used up.</summary>
    private int AddEntriesOf(long start, long end, int next)
    {
        while (next < _entries.Count && _entries[next].Page < end)
        {
            Entries run = _entries[next];
            if (run.Page < start)
                throw OutsideVmas(run.Page);
            long inside = Math.Min(run.Count, end - run.Page);
            _read.AddPtes(run.Page, inside, run.Folio, run.Index, run.Bits);
            if (inside == run.Count)
                next++;
            else
                _entries[next] = run with { Page = end, Count = run.Count - inside, Index = run.Folio < 0 ? 0 : run.Index + (int)inside };
        }
        return next;
    }

    private static SystemFailureException OutsideVmas(long page) =>
        ProgramFailure.Wrong(string.Create(CultureInfo.InvariantCulture, $"the entries at page 0x{page:x} lie in no VMA"));

    /// <summary>Mapped folios in the order in which the entries met them, then the others in the order in which the program names them.</summary>
    private void ReadFolios(JsonElement answer)
    {
        if (!_tables.Folios.IsShown)
            return;
        var rows = new SortedDictionary<int, (JsonElement Row, string Path, long[] Fields)>();
        int mapped = _folios.Count;
        foreach ((JsonElement row, string path) in _tables.Folios.RowsIn(answer, ""))
        {
            long[] fields = _tables.Folios.Row(row, path);
            long own = fields[0];
            fields[0] = IdOf(_folios, own);
            if (!rows.TryAdd((int)fields[0], (row, path, fields)))
                throw ProgramFailure.Wrong($"{path}: folio {own} stands there twice");
        }
        foreach ((long own, int id) in _folios)
        {
            if (id < mapped && !rows.ContainsKey(id))
                throw ProgramFailure.Wrong($"entries map folio {own}, which is not among the folios");
        }
        foreach ((JsonElement row, string path, long[] fields) in rows.Values)
            AddFolio(row, path, fields);
    }

    private void AddFolio(JsonElement row, string path, long[] fields)
    {
        const int Order = 1;
        bool sized = observed.IncludesField(RecordKind.Folio, Order);
        if (fields[Order] is < 0 or > Machine.LargestPmdOrder)
            throw ProgramFailure.Wrong($"{path}.order: {fields[Order]} is not within 0 to {Machine.LargestPmdOrder}");
        Add(RecordKind.Folio, fields);
        foreach (RecordKind kind in AnswerTables.OfPages.Where(observed.Includes))
        {
            string name = ObservationSubset.TableOf(kind);
            long[] values = Numbers(row.GetProperty(name), $"{path}.{name}");
            if (sized && values.Length != 1 << (int)fields[Order])
                throw ProgramFailure.Wrong($"{path}.{name}: a folio of order {fields[Order]} has {1 << (int)fields[Order]} pages, not {values.Length}");
            Add(kind, values);
        }
    }

    private void ReadQueue(JsonElement answer)
    {
        if (!observed.Includes(RecordKind.DeferredQueue))
            return;
        string name = ObservationSubset.TableOf(RecordKind.DeferredQueue);
        long[] ids = Numbers(answer.GetProperty(name), name);
        for (int i = 0; i < ids.Length; i++)
            ids[i] = _folios.TryGetValue(ids[i], out int id) ? id : throw ProgramFailure.Wrong($"{name}: there is no folio {ids[i]}");
        Add(RecordKind.DeferredQueue, ids);
    }

    private static long[] Numbers(JsonElement array, string path) => [.. AnswerShape.Items(array, path).Select(item => AnswerShape.Integer(item, path))];
}
