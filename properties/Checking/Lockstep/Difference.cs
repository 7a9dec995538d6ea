using System.Globalization;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>The first field in which two observations differ.</summary>
/// <param name="Field">The field without the names of particular things: what keeps failing while a scenario shrinks.</param>
/// <param name="Path">The field with them: <c>process 1, vma 0x10, entries at 0x12: bits</c>.</param>
/// <param name="Expected">The expected value.</param>
/// <param name="Found">The value found.</param>
public sealed record Difference(string Field, string Path, string Expected, string Found)
{
    /// <summary>Finds the first difference, or null.</summary>
    public static Difference? Between(Observation expected, Observation found)
    {
        if (expected.SameAs(found))
            return null;
        var where = new Place();
        RecordEnumerator left = expected.GetEnumerator();
        RecordEnumerator right = found.GetEnumerator();
        while (true)
        {
            bool moreLeft = left.MoveNext();
            bool moreRight = right.MoveNext();
            if (!moreLeft || !moreRight)
                return new Difference("records", where.Text, moreLeft ? Name(left.Current.Kind) : "end", moreRight ? Name(right.Current.Kind) : "end");
            if (left.Current.Kind != right.Current.Kind)
                return new Difference("records", where.Text, Describe(left.Current), Describe(right.Current));
            where.Enter(left.Current);
            if (!left.Current.Fields.SequenceEqual(right.Current.Fields))
                return InRecord(where, left.Current, right.Current);
        }
    }

    private static Difference InRecord(Place where, in ObservationRecord expected, in ObservationRecord found)
    {
        int i = 0;
        while (i < expected.Fields.Length && i < found.Fields.Length && expected.Fields[i] == found.Fields[i])
            i++;
        IReadOnlyList<string> names = ObservationLayout.FieldNames(expected.Kind);
        string kind = Name(expected.Kind);
        string field = i < names.Count ? names[i] : $"{kind}[{i.ToString(CultureInfo.InvariantCulture)}]";
        return new Difference(
            i < names.Count ? $"{kind}: {names[i]}" : kind,
            where.Text + field,
            Value(expected, i),
            Value(found, i));
    }

    private static string Value(in ObservationRecord record, int field)
    {
        if (field >= record.Fields.Length)
            return "none";
        long value = record.Fields[field];
        IReadOnlyList<string> names = ObservationLayout.FieldNames(record.Kind);
        return (field < names.Count ? names[field] : "") switch
        {
            "start" or "page" => "0x" + value.ToString("x", CultureInfo.InvariantCulture),
            "bits" => ((PteBits)value).ToString(),
            "protection" => OperationText.NameOf((Protection)value),
            "flags" => ((VmaFlags)value).ToString(),
            "folio" when value == ObservationLayout.ZeroPage => "zero page",
            _ => value.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static string Name(RecordKind kind) => kind switch
    {
        RecordKind.Ptes => "entries",
        RecordKind.DeferredQueue => "deferred queue",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static string Describe(in ObservationRecord record)
    {
        IReadOnlyList<string> names = ObservationLayout.FieldNames(record.Kind);
        var parts = new List<string>();
        for (int i = 0; i < names.Count; i++)
            parts.Add($"{names[i]} {Value(record, i)}");
        return Name(record.Kind) + (parts.Count == 0 ? "" : $" ({string.Join(", ", parts)})");
    }

    /// <summary>Where in the picture a record stands.</summary>
    private sealed class Place
    {
        private string _process = "";
        private string _vma = "";
        private string _record = "";

        public string Text => _process + _vma + _record;

        public void Enter(in ObservationRecord record)
        {
            switch (record.Kind)
            {
                case RecordKind.Process:
                    _process = string.Create(CultureInfo.InvariantCulture, $"process {record.Fields[0]}, ");
                    _vma = _record = "";
                    break;
                case RecordKind.Vma:
                    _vma = string.Create(CultureInfo.InvariantCulture, $"vma 0x{record.Fields[0]:x}, ");
                    _record = "";
                    break;
                case RecordKind.Ptes:
                    _record = string.Create(CultureInfo.InvariantCulture, $"entries at 0x{record.Fields[0]:x}: ");
                    break;
                case RecordKind.Smaps:
                    _record = "smaps ";
                    break;
                case RecordKind.Value:
                    _vma = "";
                    _record = string.Create(CultureInfo.InvariantCulture, $"page 0x{record.Fields[0]:x}: ");
                    break;
                case RecordKind.Statistics:
                    _record = string.Create(CultureInfo.InvariantCulture, $"order {record.Fields[0]}: ");
                    break;
                case RecordKind.Folio:
                    _process = _vma = "";
                    _record = string.Create(CultureInfo.InvariantCulture, $"folio {Picture.Letter((int)record.Fields[0])} (order {record.Fields[1]}): ");
                    break;
                case RecordKind.DeferredQueue:
                    _process = _vma = _record = "";
                    break;
            }
        }
    }
}
