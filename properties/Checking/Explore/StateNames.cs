using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Names states: 128 bits of SHA-256 over what the reference shows and what the tested system holds. The observation alone would not do: a system
/// that is corrupt where nobody looks yet would be taken for the sound state that it looks like, and never be followed.
/// </summary>
/// <remarks>
/// Counters of events (how many folios were ever allocated, split, queued) only ever rise, so with them no state would be reached twice. They decide
/// nothing, and each step compares them; they are left out of names. The other fields that are left out are named by whoever knows the system.
/// </remarks>
internal sealed class StateNames
{
    private static readonly string[] _eventCounters =
    [
        nameof(OrderStatistics.AnonFaultAlloc), nameof(OrderStatistics.AnonFaultFallback), nameof(OrderStatistics.Split),
        nameof(OrderStatistics.SplitFailed), nameof(OrderStatistics.SplitDeferred),
    ];

    private readonly Observation _observation = new();
    private readonly RawState _raw;
    private readonly byte[] _digest = new byte[SHA256.HashSizeInBytes];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long[] _shown = [];

    public StateNames(IReadOnlySet<string> ignored) =>
        _raw = new RawState(ignored.Concat(_eventCounters.Select(counter => $"{nameof(OrderStatistics)}.{counter}")).ToHashSet(StringComparer.Ordinal));

    /// <summary>The name of the state in which the two are.</summary>
    public UInt128 Of(IMemorySystem reference, IMemorySystem tested)
    {
        reference.Observe(_observation);
        _hash.AppendData(MemoryMarshal.AsBytes(WithoutEvents()));
        _hash.AppendData(_raw.Of(tested));
        _hash.GetHashAndReset(_digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(_digest);
    }

    private ReadOnlySpan<long> WithoutEvents()
    {
        ReadOnlySpan<long> items = _observation.Items;
        if (_shown.Length < items.Length)
            _shown = new long[items.Length * 2];
        items.CopyTo(_shown);
        foreach (ObservationRecord record in _observation)
        {
            // The order and the five counters of events come first, the two of folios that are there now last.
            if (record.Kind == RecordKind.Statistics)
                _shown.AsSpan(record.Offset + 1, _eventCounters.Length).Clear();
        }
        return _shown.AsSpan(0, items.Length);
    }
}
