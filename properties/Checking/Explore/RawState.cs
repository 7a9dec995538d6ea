using System.Collections;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Everything that a system under test holds, as bytes: a walk over its objects, field by field. Two systems with equal bytes go on alike, whatever they
/// show; a system that is corrupt where nobody looks has other bytes than a sound one. It needs nothing from the system, so it works for anybody's.
/// </summary>
/// <remarks>
/// Objects are numbered in the order in which they are met and stand for their number from then on, so addresses do not matter. Collections of the
/// platform are walked element by element: how they keep their elements is not the system's state. Delegates and <see cref="Machine"/> are constants.
/// Fields are read by compiled code, one piece for each type.
/// </remarks>
public sealed class RawState
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly MethodInfo _addNumber = typeof(RawState).GetMethod(nameof(AddNumber), BindingFlags.Instance | BindingFlags.NonPublic)!;
    private static readonly MethodInfo _addReference = typeof(RawState).GetMethod(nameof(AddReference), BindingFlags.Instance | BindingFlags.NonPublic)!;
    private static readonly MethodInfo _structs = typeof(RawState).GetMethod(nameof(StructArray), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly IReadOnlySet<string> _ignored;
    private readonly Dictionary<object, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Type, Action<object>> _walks = [];
    private byte[] _bytes = new byte[4096];
    private int _length;

    /// <summary>A walk.</summary>
    /// <param name="ignored">Fields that are no state, as "Type.Field" with the names of the source: caches and running numbers.</param>
    public RawState(IReadOnlySet<string> ignored) => _ignored = ignored;

    /// <summary>The bytes of a system. They are valid until the next call.</summary>
    public ReadOnlySpan<byte> Of(object system)
    {
        _length = 0;
        _numbers.Clear();
        AddReference(system);
        return _bytes.AsSpan(0, _length);
    }

    private void AddNumber(long number)
    {
        MakeRoom(sizeof(long));
        Unsafe.WriteUnaligned(ref _bytes[_length], number);
        _length += sizeof(long);
    }

    private void AddBytes(ReadOnlySpan<byte> bytes)
    {
        // Most arrays are empty behind some place.
        int used = bytes.LastIndexOfAnyExcept((byte)0) + 1;
        AddNumber(bytes.Length);
        AddNumber(used);
        MakeRoom(used);
        bytes[..used].CopyTo(_bytes.AsSpan(_length));
        _length += used;
    }

    private void MakeRoom(int bytes)
    {
        if (_length + bytes > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_length + bytes, _bytes.Length * 2));
    }

    private void AddReference(object? item)
    {
        if (item is null)
        {
            AddNumber(-1);
            return;
        }
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, item, out bool seen);
        if (seen)
        {
            AddNumber(number);
            return;
        }
        number = _numbers.Count;
        Type type = item.GetType();
        if (!_walks.TryGetValue(type, out Action<object>? walk))
            _walks.Add(type, walk = WalkOf(type));
        walk(item);
    }

    private Action<object> WalkOf(Type type)
    {
        if (type == typeof(Machine) || typeof(Delegate).IsAssignableFrom(type) || typeof(MemberInfo).IsAssignableFrom(type))
            return _ => AddNumber(0);
        if (type == typeof(string))
            return item => AddBytes(MemoryMarshal.AsBytes(((string)item).AsSpan()));
        if (type.IsArray)
            return WalkOfArray(type.GetElementType()!);
        bool ofPlatform = type.Namespace?.StartsWith("System.Collections", StringComparison.Ordinal) == true;
        if (ofPlatform && typeof(IEnumerable).IsAssignableFrom(type))
            return item => AddElements((IEnumerable)item);
        return Compile<object>(type);
    }

    private Action<object> WalkOfArray(Type element)
    {
        if (element.IsPrimitive || element.IsEnum)
        {
            int size = Marshal.SizeOf(element.IsEnum ? Enum.GetUnderlyingType(element) : element);
            // The marshalled size of these two is not the size in memory.
            size = element == typeof(bool) ? sizeof(bool) : element == typeof(char) ? sizeof(char) : size;
            return item => AddBytes(MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference((Array)item), ((Array)item).Length * size));
        }
        return element.IsValueType
            ? (Action<object>)_structs.MakeGenericMethod(element).Invoke(this, null)!
            : item => AddElements((IEnumerable)item);
    }

    private Action<object> StructArray<T>()
    {
        Action<T> walk = Compile<T>(typeof(T));
        return item =>
        {
            AddNumber(((T[])item).Length);
            foreach (T element in (T[])item)
                walk(element);
        };
    }

    private void AddElements(IEnumerable items)
    {
        foreach (object? item in items)
            AddReference(item);
        AddNumber(-2);
    }

    /// <summary>Code that adds all fields of an object, or of a struct.</summary>
    private Action<T> Compile<T>(Type type)
    {
        ParameterExpression item = Expression.Parameter(typeof(T), "item");
        var steps = new List<Expression>();
        AddFields(Expression.Convert(item, type), type, steps);
        return Expression.Lambda<Action<T>>(Expression.Block(typeof(void), steps.Append(Expression.Empty())), item).Compile();
    }

    private void AddFields(Expression owner, Type type, List<Expression> steps)
    {
        for (Type? part = type; part is not null && part != typeof(object) && part != typeof(ValueType); part = part.BaseType)
        {
            foreach (FieldInfo field in part.GetFields(Declared).Where(field => !_ignored.Contains(NameOf(field))).OrderBy(field => field.MetadataToken))
                AddValue(Expression.Field(owner, field), field.FieldType, steps);
        }
    }

    private void AddValue(Expression value, Type type, List<Expression> steps)
    {
        ConstantExpression self = Expression.Constant(this);
        if (type == typeof(bool))
            steps.Add(Expression.Call(self, _addNumber, Expression.Condition(value, Expression.Constant(1L), Expression.Constant(0L))));
        else if (type == typeof(double) || type == typeof(float))
            steps.Add(Expression.Call(self, _addNumber, Expression.Call(typeof(BitConverter), nameof(BitConverter.DoubleToInt64Bits), null, Expression.Convert(value, typeof(double)))));
        else if (type.IsPrimitive || type.IsEnum)
            steps.Add(Expression.Call(self, _addNumber, Expression.Convert(value, typeof(long))));
        else if (type.IsPointer)
            return;
        else if (type.IsValueType)
            AddFields(value, type, steps);
        else
            steps.Add(Expression.Call(self, _addReference, Expression.Convert(value, typeof(object))));
    }

    /// <summary>"Type.Field" as the source has it: without type parameters, and a property instead of its backing field.</summary>
    private static string NameOf(FieldInfo field)
    {
        string name = field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>')] : field.Name;
        return $"{field.DeclaringType!.Name.Split('`')[0]}.{name}";
    }
}
