using System.Buffers.Binary;
using System.Text;

namespace FolioCheck.Live;

/// <summary>
/// The kernel's own description of its structures (BTF, /sys/kernel/btf/vmlinux): where members lie and what enumerators are worth. Nothing about
/// the layout of a structure is written down anywhere else.
/// </summary>
internal sealed class KernelTypes
{
    /// <summary>Where the running kernel has it.</summary>
    public const string Running = "/sys/kernel/btf/vmlinux";

    private const int HeaderBytes = 24;

    private enum Kind
    {
        Integer = 1,
        Array = 3,
        Struct = 4,
        Union = 5,
        Enumeration = 6,
        Typedef = 8,
        Volatile = 9,
        Const = 10,
        Restrict = 11,
        FunctionPrototype = 13,
        Variable = 14,
        Section = 15,
        DeclarationTag = 17,
        TypeTag = 18,
        LongEnumeration = 19,
    }

    private readonly record struct TypeRecord(Kind Kind, int Count, bool BitFields, uint NameAt, uint SizeOrType, int Body);

    private readonly byte[] _data;
    private readonly int _strings;
    private readonly List<TypeRecord> _types = [default];
    private readonly Dictionary<string, int> _structs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _enumerations = new(StringComparer.Ordinal);

    /// <summary>Reads the description.</summary>
    public KernelTypes(byte[] data)
    {
        _data = data;
        if (data.Length < HeaderBytes || BinaryPrimitives.ReadUInt16LittleEndian(data) != 0xEB9F)
            throw new LiveException(Running + " is not BTF");
        int header = Word(4);
        _strings = header + Word(16);
        int end = header + Word(8) + Word(12);
        for (int at = header + Word(8); at < end;)
            at = ReadType(at);
    }

    /// <summary>Bytes of a structure.</summary>
    public int Size(string structure) => (int)_types[Struct(structure)].SizeOrType;

    /// <summary>Byte at which a member of a structure begins; members of unnamed members count as its own.</summary>
    public int Offset(string structure, string member) => Find(Struct(structure), member) is int bits
        ? bits / 8
        : throw new LiveException($"this kernel's struct {structure} has no {member}");

    /// <summary>Value of an enumerator.</summary>
    public int Value(string enumeration, string name)
    {
        if (_enumerations.TryGetValue(enumeration, out int index))
        {
            TypeRecord type = _types[index];
            for (int i = 0; i < type.Count; i++)
            {
                if (Text(Unsigned(type.Body + (8 * i))) == name)
                    return Word(type.Body + (8 * i) + 4);
            }
        }
        throw new LiveException($"this kernel's enum {enumeration} has no {name}");
    }

    private int ReadType(int at)
    {
        uint info = Unsigned(at + 4);
        var type = new TypeRecord((Kind)((info >> 24) & 31), (int)(info & 0xFFFF), info >> 31 != 0, Unsigned(at), Unsigned(at + 8), at + 12);
        string name = type.NameAt == 0 ? "" : Text(type.NameAt);
        if (type.Kind == Kind.Struct && name.Length > 0)
            _structs.TryAdd(name, _types.Count);
        if (type.Kind == Kind.Enumeration && name.Length > 0)
            _enumerations.TryAdd(name, _types.Count);
        _types.Add(type);
        return type.Body + BodyBytes(type);
    }

    private static int BodyBytes(in TypeRecord type) => type.Kind switch
    {
        Kind.Integer or Kind.Variable or Kind.DeclarationTag => 4,
        Kind.Array => 12,
        Kind.Struct or Kind.Union or Kind.Section or Kind.LongEnumeration => 12 * type.Count,
        Kind.Enumeration or Kind.FunctionPrototype => 8 * type.Count,
        _ => 0,
    };

    private int? Find(int structure, string member)
    {
        TypeRecord type = _types[structure];
        for (int i = 0; i < type.Count; i++)
        {
            int at = type.Body + (12 * i);
            uint name = Unsigned(at);
            int bits = type.BitFields ? Word(at + 8) & 0xFFFFFF : Word(at + 8);
            if (name != 0 && Text(name) == member)
                return bits;
            int inner = Resolve(Word(at + 4));
            if (name == 0 && _types[inner].Kind is Kind.Struct or Kind.Union && Find(inner, member) is int found)
                return bits + found;
        }
        return null;
    }

    private int Resolve(int type)
    {
        while (_types[type].Kind is Kind.Typedef or Kind.Volatile or Kind.Const or Kind.Restrict or Kind.TypeTag)
            type = (int)_types[type].SizeOrType;
        return type;
    }

    private int Struct(string name) =>
        _structs.TryGetValue(name, out int index) ? index : throw new LiveException($"this kernel describes no struct {name}");

    private int Word(int at) => BinaryPrimitives.ReadInt32LittleEndian(_data.AsSpan(at));

    private uint Unsigned(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_data.AsSpan(at));

    private string Text(uint at)
    {
        ReadOnlySpan<byte> rest = _data.AsSpan(_strings + (int)at);
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
