namespace FolioCheck.Implementation;

/// <summary>
/// Which address spaces map a large folio: two slots of (process, mappings) and FOLIO_MM_IDS_SHARED (SPECIFICATION.md 5.4).
/// A third process is not tracked, so a slot is a lower bound and "shared" may stay set too long, never be clear too early.
/// A process is its own mm id: a number is reused only after all its mappings are gone.
/// </summary>
internal sealed class MmIds
{
    private const int NoProcess = -1;

    private int[] _process0 = Array.Empty<int>();
    private int[] _count0 = Array.Empty<int>();
    private int[] _process1 = Array.Empty<int>();
    private int[] _count1 = Array.Empty<int>();
    private bool[] _shared = Array.Empty<bool>();

    public bool IsShared(int folio) => _shared[folio];

    public (int Process, int Count) Slot0(int folio) => (_process0[folio], _count0[folio]);

    public (int Process, int Count) Slot1(int folio) => (_process1[folio], _count1[folio]);

    /// <summary>folio_set_large_mapcount: the first mapper of a fresh folio.</summary>
    public void Set(int folio, int process, int count)
    {
        _process0[folio] = process;
        _count0[folio] = count;
    }

    /// <summary>
    /// folio_add_large_mapcount, after the mapcount rose by <paramref name="count"/> to <paramref name="largeMapcount"/>.
    /// </summary>
    public void Add(int folio, int process, int count, int largeMapcount)
    {
        if (_process0[folio] == process)
        {
            _count0[folio] += count;
        }
        else if (_process1[folio] == process)
        {
            _count1[folio] += count;
        }
        else if (_process0[folio] == NoProcess)
        {
            _process0[folio] = process;
            _count0[folio] = count;
            // Untracked processes may map the folio already.
            if (largeMapcount != count)
                _shared[folio] = true;
        }
        else if (_process1[folio] == NoProcess)
        {
            _process1[folio] = process;
            _count1[folio] = count;
            _shared[folio] = true;
        }
    }

    /// <summary>
    /// folio_sub_large_mapcount, after the mapcount fell by <paramref name="count"/> to <paramref name="largeMapcount"/>.
    /// </summary>
    public void Subtract(int folio, int process, int count, int largeMapcount)
    {
        if (_process0[folio] == process)
        {
            _count0[folio] -= count;
            if (_count0[folio] > 0)
                return;
            // Below zero when some mappings were made while the process was not tracked.
            _process0[folio] = NoProcess;
            _count0[folio] = 0;
        }
        else if (_process1[folio] == process)
        {
            _count1[folio] -= count;
            if (_count1[folio] > 0)
                return;
            _process1[folio] = NoProcess;
            _count1[folio] = 0;
        }
        // A slot that accounts for every mapping proves that nobody else has one.
        if (_count0[folio] == largeMapcount || _count1[folio] == largeMapcount)
            _shared[folio] = false;
    }

    public void MakeRoom(int capacity)
    {
        int used = _shared.Length;
        Array.Resize(ref _process0, capacity);
        Array.Resize(ref _count0, capacity);
        Array.Resize(ref _process1, capacity);
        Array.Resize(ref _count1, capacity);
        Array.Resize(ref _shared, capacity);
        _process0.AsSpan(used).Fill(NoProcess);
        _process1.AsSpan(used).Fill(NoProcess);
    }
}
