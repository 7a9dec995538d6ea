using System.Runtime.InteropServices;

namespace FolioCheck.Live;

/// <summary>Assembles and loads the few BPF programs that are needed: no compiler, no library.</summary>
internal sealed unsafe class BpfProgram
{
    private const int CommandMapCreate = 0;
    private const int CommandLoad = 5;
    private const int CommandRun = 10;
    private const int CommandOpenTracepoint = 17;
    private const int AttributeBytes = 144;

    /// <summary>BPF_PROG_TYPE_SYSCALL: run on demand, in the caller's context.</summary>
    public const int OnDemand = 31;

    /// <summary>BPF_PROG_TYPE_RAW_TRACEPOINT.</summary>
    public const int Tracepoint = 17;

    /// <summary>bpf_map_lookup_elem.</summary>
    public const int LookUp = 1;

    /// <summary>bpf_get_current_task.</summary>
    public const int CurrentTask = 35;

    /// <summary>bpf_probe_read_kernel: copies kernel memory, or fails where there is none; it never faults.</summary>
    public const int ProbeRead = 113;

    private readonly List<ulong> _code = [];

    /// <summary>Number of the next instruction.</summary>
    public int Here => _code.Count;

    public BpfProgram Move(int to, int from) => Add(0xBF, to, from, 0, 0);

    public BpfProgram Set(int to, int value) => Add(0xB7, to, 0, 0, value);

    public BpfProgram AddNumber(int to, int value) => Add(0x07, to, 0, 0, value);

    public BpfProgram AddRegister(int to, int from) => Add(0x0F, to, from, 0, 0);

    public BpfProgram ShiftLeft(int to, int bits) => Add(0x67, to, 0, 0, bits);

    public BpfProgram Load32(int to, int from, int offset) => Add(0x61, to, from, offset, 0);

    public BpfProgram Load64(int to, int from, int offset) => Add(0x79, to, from, offset, 0);

    public BpfProgram Store64(int to, int offset, int from) => Add(0x7B, to, from, offset, 0);

    public BpfProgram Call(int function) => Add(0x85, 0, 0, 0, function);

    public BpfProgram Return(int value) => Set(0, value).Add(0x95, 0, 0, 0, 0);

    public BpfProgram ReturnResult() => Add(0x95, 0, 0, 0, 0);

    public BpfProgram Jump(int target) => Add(0x05, 0, 0, target - Here - 1, 0);

    /// <summary>Skips instructions if a register is not 0.</summary>
    public BpfProgram SkipUnlessZero(int register, int instructions) => Add(0x55, register, 0, instructions, 0);

    /// <summary>Skips instructions if a register is 0.</summary>
    public BpfProgram SkipIfZero(int register, int instructions) => Add(0x15, register, 0, instructions, 0);

    /// <summary>Skips instructions if a register is less than a number.</summary>
    public BpfProgram SkipIfLess(int register, int value, int instructions) => Add(0xA5, register, 0, instructions, value);

    /// <summary>Skips instructions if a register is less than another.</summary>
    public BpfProgram SkipIfLessThanRegister(int register, int other, int instructions) => Add(0xAD, register, other, instructions, 0);

    /// <summary>r0 becomes the address of the map's only value; without a value the program ends with 1.</summary>
    public BpfProgram FindValue(int map)
    {
        Add(0x62, 10, 0, -4, 0);
        Add(0x18, 1, 1, 0, map);
        _code.Add(0);
        Move(2, 10).AddNumber(2, -4).Call(LookUp);
        return SkipUnlessZero(0, 2).Return(1);
    }

    /// <summary>Loads the program; the kernel checks it first.</summary>
    /// <returns>Its descriptor.</returns>
    public int Load(int type)
    {
        const int MaySleep = 16;
        ulong* attribute = Attribute();
        ulong[] code = [.. _code];
        fixed (ulong* instructions = code)
        fixed (byte* license = "GPL\0"u8)
        {
            attribute[0] = (uint)type | ((ulong)code.Length << 32);
            attribute[1] = (ulong)instructions;
            attribute[2] = (ulong)license;
            attribute[5] = (ulong)(type == OnDemand ? MaySleep : 0) << 32;
            return Bpf(CommandLoad, attribute, "BPF_PROG_LOAD");
        }
    }

    /// <summary>Runs a program of type <see cref="OnDemand"/>.</summary>
    /// <returns>What it returned.</returns>
    public static int Run(int program, int argument)
    {
        ulong* attribute = Attribute();
        ulong context = (ulong)argument;
        attribute[0] = (uint)program;
        attribute[5] = sizeof(ulong);
        attribute[6] = (ulong)&context;
        Bpf(CommandRun, attribute, "BPF_PROG_TEST_RUN");
        return (int)(attribute[0] >> 32);
    }

    /// <summary>Attaches a program to a raw tracepoint until the descriptor is closed.</summary>
    public static int Attach(int program, ReadOnlySpan<byte> name)
    {
        ulong* attribute = Attribute();
        fixed (byte* text = name)
        {
            attribute[0] = (ulong)text;
            attribute[1] = (uint)program;
            return Bpf(CommandOpenTracepoint, attribute, "BPF_RAW_TRACEPOINT_OPEN");
        }
    }

    /// <summary>Makes an array of one value that can be mapped.</summary>
    public static int CreateMap(int valueBytes)
    {
        const int Array = 2;
        const int KeyBytes = 4;
        const int Mappable = 1024;
        ulong* attribute = Attribute();
        attribute[0] = Array | ((ulong)KeyBytes << 32);
        attribute[1] = (uint)valueBytes | (1UL << 32);
        attribute[2] = Mappable;
        return Bpf(CommandMapCreate, attribute, "BPF_MAP_CREATE");
    }

    [ThreadStatic]
    private static ulong[]? t_attribute;

    private static ulong* Attribute()
    {
        t_attribute ??= GC.AllocateArray<ulong>(AttributeBytes / sizeof(ulong), pinned: true);
        Array.Clear(t_attribute);
        return (ulong*)Marshal.UnsafeAddrOfPinnedArrayElement(t_attribute, 0);
    }

    private static int Bpf(int command, ulong* attribute, string name)
    {
        nint result = Libc.syscall(Libc.SystemCallBpf, command, attribute, AttributeBytes);
        return result >= 0 ? (int)result : throw new LiveException($"bpf(2), {name}: {Libc.LastError}");
    }

    private BpfProgram Add(int code, int to, int from, int offset, int value)
    {
        _code.Add(unchecked((uint)code | ((uint)to << 8) | ((uint)from << 12) | ((ulong)(ushort)offset << 16) | ((ulong)(uint)value << 32)));
        return this;
    }
}
