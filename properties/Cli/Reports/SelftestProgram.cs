using System.Globalization;
using System.Text;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Cli;

/// <summary>
/// A scenario as a C program in the manner of the kernel's selftests: one process for each of the scenario's, one TAP line an operation, then what the
/// pages hold and, under the scenario's THP settings, what pagemap shows. Only what the scenario needs of <c>selftest.c</c> is in it.
/// </summary>
internal sealed class SelftestProgram
{
    private const int FirstLargeOrder = Machine.SmallestLargeOrder;
    private const int PmdOrder = Machine.LargestPmdOrder;

    private readonly SelftestSource _source;
    private readonly SortedSet<string> _sections = new(StringComparer.Ordinal);
    private readonly StringBuilder _tables = new();
    private readonly StringBuilder _body = new();
    private int _steps;

    private SelftestProgram(SelftestSource source)
    {
        _source = source;
        if (source.HasKernelTables)
            _sections.Add("policy");
        foreach (SelftestStep step in source.Steps)
            AddStep(step);
        if (source.HasKernelTables)
            AddPagemap();
        AddContents();
    }

    /// <summary>Writes the program.</summary>
    public static string Write(SelftestSource source) => new SelftestProgram(source).Text();

    private string Text()
    {
        var text = new StringBuilder();
        text.Append(Head());
        text.Append(Sections("selftest.c"));
        text.Append(Ends());
        text.Append(_tables);
        text.Append("static void scenario(void)\n{\n").Append(_body).Append("}\n\n");
        return text.Append(Resource.Read("selftest-main.c")).ToString();
    }

    private string Head()
    {
        int processes = 1 + _source.Steps.Select(step => step.Operation.Kind == OperationKind.Fork ? step.Operation.Child : 0).Append(0).Max();
        int handles = 1 + _source.Steps.Where(step => TakesHandle(step.Operation.Kind)).Select(step => step.Operation.Handle).Append(0).Max();
        string path = Comment(_source.Path);
        var text = new StringBuilder("// SPDX-License-Identifier: MIT\n/*\n");
        text.Append(CultureInfo.InvariantCulture, $" * Written by foliocheck from {path}.\n *\n");
        text.Append(" * Does the scenario with system calls, in the manner of the kernel's selftests, and holds what user space can see against the\n");
        text.Append(" * reference model of Linux 6.18: values read, errno, signals. Output is TAP; exit code 0 passed, 1 failed, 4 skipped.\n *\n");
        text.Append(CultureInfo.InvariantCulture, $" * {Comment(MachineText.Line(_source.Machine))}\n * {Comment(ScenarioText.ThpLine(_source.Machine.Thp))}\n *\n");
        text.Append(_source.HasKernelTables
            ? " * Changes no setting of the machine unless it is run as root with --policy: then it sets the THP settings above, checks what\n * /proc/self/pagemap shows at the end, and puts them back.\n"
            : " * No kernel has page tables of this size, so the THP settings and the sizes of folios are not reproduced: the operations are\n * done and checked all the same.\n");
        text.Append(CultureInfo.InvariantCulture, $" *\n * cc -std=gnu11 -O2 -Wall -o selftest FILE.c && ./selftest\n */\n#define PROCESSES {processes}\n");
        if (_sections.Contains("pipes") || _sections.Contains("pins"))
            text.Append(CultureInfo.InvariantCulture, $"#define HANDLES {handles}\n");
        return text.Append(CultureInfo.InvariantCulture, $"#define STEPS {_steps}\n").ToString();
    }

    private static bool TakesHandle(OperationKind kind) => kind is OperationKind.Get or OperationKind.Put or OperationKind.Pin or OperationKind.Unpin;

    private static string Comment(string text) =>
        string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character)).Replace("*/", "* /", StringComparison.Ordinal);

    /// <summary>The parts of a file that are needed; a part begins with its name in a comment and ends where the next one begins.</summary>
    private string Sections(string name)
    {
        var text = new StringBuilder();
        bool wanted = true;
        foreach (string line in Resource.Read(name).TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("/* section", StringComparison.Ordinal))
            {
                string section = line["/* section".Length..^"*/".Length].Trim();
                wanted = section.Length == 0 || _sections.Contains(section);
                if (section == "policy" && wanted)
                    text.Append(Policy());
                else if (section == "sizes" && wanted)
                    text.Append(_sections.Contains("policy") ? "static bool with_policy;\n\n" : "static const bool with_policy = false;\n\n");
            }
            else if (wanted)
            {
                text.Append(line).Append('\n');
            }
        }
        return text.ToString();
    }

    private string Policy()
    {
        var text = new StringBuilder("static const struct { const char *name, *value; } policy[] = {\n");
        text.Append(CultureInfo.InvariantCulture, $"\t{{ \"enabled\", \"{OperationText.NameOf(_source.Machine.Thp.Global)}\" }},\n");
        for (int order = FirstLargeOrder; order < PmdOrder; order++)
            text.Append(CultureInfo.InvariantCulture, $"\t{{ \"{SettingName(order)}\", \"{OperationText.NameOf(_source.Machine.Thp[order])}\" }},\n");
        text.Append(CultureInfo.InvariantCulture, $"\t{{ \"{SettingName(PmdOrder)}\", \"never\" }}, /* the reference has no PMD mappings */\n}};\n");
        text.Append("#define SETTINGS (sizeof policy / sizeof *policy)\n");
        return _sections.Contains("sizes") ? text.ToString() : text.Append("static bool with_policy;\n").ToString();
    }

    private static string SettingName(int order) =>
        order == Operation.GlobalOrder ? "enabled" : string.Create(CultureInfo.InvariantCulture, $"hugepages-{4L << order}kB/enabled");

    /// <summary>The functions that the fixed parts call and that depend on what the scenario needs.</summary>
    private string Ends()
    {
        var text = new StringBuilder("\n");
        if (_sections.Contains("policy"))
            text.Append("static void end_policy(void)\n{\n\trestore_policy();\n}\n\n");
        else
            text.Append("static void end_policy(void)\n{\n}\n\nstatic void begin_policy(void)\n{\n\tskip_all(\"no kernel has the page tables of this scenario: there is no policy to set\");\n}\n\n");
        if (_sections.Contains("fork"))
            text.Append(DropOwn());
        text.Append("static void catch_signals(void)\n{\n");
        if (_sections.Contains("touch"))
            text.Append("\tstruct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_NODEFER };\n\tsigaction(SIGSEGV, &action, 0);\n\tsigaction(SIGBUS, &action, 0);\n");
        return text.Append("}\n\n").Append(Probe()).ToString();
    }

    /// <summary>What a child does not inherit.</summary>
    private string DropOwn()
    {
        var text = new StringBuilder("static void drop_own(void)\n{\n");
        if (_sections.Contains("pins"))
            text.Append("\tfor (int i = 0; i < HANDLES; i++) {\n\t\tif (rings[i] > 0)\n\t\t\tclose(rings[i]);\n\t\trings[i] = 0;\n\t}\n");
        if (_sections.Contains("uffd"))
            text.Append("\tif (uffd > 0)\n\t\tclose(uffd);\n\tuffd = 0;\n");
        return text.Append("}\n\n").ToString();
    }

    /// <summary>What is skipped, and why, where this machine or user may not do it.</summary>
    private string Probe()
    {
        var text = new StringBuilder("static void probe(void)\n{\n");
        long locked = _source.Steps.Where(step => step.Operation.Kind is OperationKind.Mlock or OperationKind.MlockOnFault or OperationKind.Pin && step.Operation.Length is > 0 and < Machine.AddressSpacePages)
            .Sum(step => step.Operation.Length);
        if (locked > 0)
        {
            text.Append("\tstruct rlimit limit;\n");
            text.Append(CultureInfo.InvariantCulture, $"\tif (geteuid() != 0 && getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur < PAGES({locked}ul))\n");
            text.Append(CultureInfo.InvariantCulture, $"\t\tskip_all(\"{locked} pages may not be locked: see ulimit -l\");\n");
        }
        if (_sections.Contains("uffd"))
            text.Append("\tif (watch() < 0)\n\t\tskip_all(\"userfaultfd with write-protection is not to be had\");\n\tclose(uffd);\n\tuffd = 0;\n");
        if (_sections.Contains("pins"))
            text.Append("\tint made = ring();\n\tif (made < 0)\n\t\tskip_all(\"io_uring is not to be had\");\n\tclose(made);\n");
        return text.Append("}\n\n").ToString();
    }

    private void AddStep(SelftestStep step)
    {
        Operation operation = step.Operation;
        string line = OperationText.Line(operation);
        if (step.Outcome.Kind == OutcomeKind.NoProcess)
        {
            Remark($"{line}: no process: nobody can make this call");
            return;
        }
        if (operation.Kind == OperationKind.FailAllocation)
        {
            Remark($"{line}: a program cannot make an allocation fail; only the sizes of folios depend on it");
            return;
        }
        if (operation.Kind == OperationKind.SetThp && (!_source.HasKernelTables || operation.Order == PmdOrder))
        {
            Remark($"{line}: not reproduced");
            return;
        }
        _steps++;
        string what = $"\"{line}\"";
        string expected = Expected(step.Outcome);
        string text = operation.Kind switch
        {
            OperationKind.Fork => Use("fork", $"FORK({_steps}, {operation.Process}, {operation.Child}, {what}, {expected});"),
            OperationKind.Exit => Use("exit", $"EXIT({_steps}, {operation.Process}, {what}, {expected});"),
            OperationKind.SetThp => Use("sizes", $"STEP_OF_SIZES({_steps}, CONTROLLER, {what}, with_policy ? set_policy(\"{SettingName(operation.Order)}\", \"{OperationText.NameOf(operation.Mode)}\") : OK(0), {expected});"),
            _ => step.DependsOnSizes
                ? Use("sizes", $"STEP_OF_SIZES({_steps}, {Actor(operation)}, {what}, {Action(operation)}, {expected});")
                : $"STEP({_steps}, {Actor(operation)}, {what}, {Action(operation)}, {expected});",
        };
        _body.Append('\t').Append(text).Append('\n');
    }

    private void Remark(string text) => _body.Append("\t/* ").Append(text).Append(" */\n");

    /// <summary>Takes note of the parts, with blanks between, that a piece of code needs.</summary>
    private string Use(string sections, string code)
    {
        _sections.UnionWith(sections.Split(' '));
        return code;
    }

    /// <summary>Who makes the call: what is done to a process by somebody else is done by the controller.</summary>
    private static string Actor(in Operation operation) =>
        operation.Kind is OperationKind.ReadRemote or OperationKind.ForceRead or OperationKind.ForceWrite ? "CONTROLLER" : operation.Process.ToString(CultureInfo.InvariantCulture);

    private string Action(in Operation operation)
    {
        string at = Number(operation.Address);
        string range = $"AT({at}), {Bytes(operation.Length)}";
        string token = Number(operation.Value);
        int handle = operation.Handle;
        return operation.Kind switch
        {
            OperationKind.Mmap => Use("map", $"mapped(mmap({range}, {Rights(operation.Protection)}, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0))"),
            OperationKind.Mremap => Use("map", $"mapped(mremap({range}, {Bytes(operation.NewLength)}, {Flags(operation.MremapFlags)}, AT({Number(operation.NewAddress)})))"),
            OperationKind.Munmap => $"done(munmap({range}))",
            OperationKind.Madvise => $"done(madvise({range}, MADV_{OperationText.NameOf(operation.Advice)}))",
            OperationKind.Mprotect => $"done(mprotect({range}, {Rights(operation.Protection)}))",
            OperationKind.Mlock => $"done(mlock({range}))",
            OperationKind.MlockOnFault => $"done(syscall(SYS_mlock2, {range}, 1))",
            OperationKind.Munlock => $"done(munlock({range}))",
            OperationKind.Read => Use("touch", $"touch({at}, 1, 0, false)"),
            OperationKind.Write => Use("touch", $"touch({at}, 1, {token}, true)"),
            OperationKind.WriteRange => Use("touch", $"touch({at}, {Number(operation.Length)}, {token}, true)"),
            OperationKind.Get => Use("pipes get", $"get({handle}, {range})"),
            OperationKind.Put => Use("pipes put", $"put({handle})"),
            OperationKind.Pin => Use("pins pin", $"pin({handle}, {range})"),
            OperationKind.Unpin => Use("pins unpin", $"unpin({handle})"),
            OperationKind.ReadRemote => Use("remote", $"read_remote({operation.Process}, {range})"),
            OperationKind.ForceRead => Use("force", $"force({operation.Process}, {at}, 0, false)"),
            OperationKind.ForceWrite => Use("force", $"force({operation.Process}, {at}, {token}, true)"),
            OperationKind.UffdRegister => Use("uffd uffd_register", $"uffd_register({range})"),
            OperationKind.UffdUnregister => Use("uffd uffd_unregister", $"uffd_unregister({range})"),
            OperationKind.UffdWriteProtect => Use("uffd uffd_wp", $"uffd_wp({range}, {(operation.Protects ? "true" : "false")})"),
            OperationKind.ClearSoftDirty => Use("clear", "clear_soft_dirty()"),
            OperationKind.ThpDisable => $"done(prctl(PR_SET_THP_DISABLE, {(operation.ThpDisable == ThpDisable.None ? 0 : 1)}ul, {(operation.ThpDisable == ThpDisable.ExceptAdvised ? 2 : 0)}ul, 0ul, 0ul))",
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation.Kind, "not a call"),
        };
    }

    private static string Expected(Outcome outcome) => outcome.Kind switch
    {
        OutcomeKind.Errno => $"FAILS({(Errno)outcome.Value})",
        OutcomeKind.SegmentationFault => "SEGV",
        OutcomeKind.BusError => $"BUS({Number(outcome.Value)})",
        _ => $"OK({Number(outcome.Value)})",
    };

    private static string Number(long value) =>
        value is >= 0 and < 10 ? value.ToString(CultureInfo.InvariantCulture)
        : value < 0 ? value.ToString(CultureInfo.InvariantCulture) + "l"
        : "0x" + value.ToString("x", CultureInfo.InvariantCulture) + (value > int.MaxValue ? "ul" : "");

    /// <summary>Bytes of a number of pages; what does not fit in 64 bits is as much as does.</summary>
    private static string Bytes(long pages) => pages >= Machine.LengthWrapsPages ? "~0ul" : $"PAGES({Number(pages)})";

    private static string Rights(Protection protection) => protection switch
    {
        Protection.None => "PROT_NONE",
        Protection.Read => "PROT_READ",
        Protection.Write => "PROT_WRITE",
        _ => "PROT_READ | PROT_WRITE",
    };

    private static string Flags(MremapFlags flags) =>
        flags == MremapFlags.None ? "0" : string.Join(" | ", OperationText.NameOf(flags).Split('|').Select(name => "MREMAP_" + name));

    /// <summary>A step for each process that still lives and can read something: its mapped pages hold what they should.</summary>
    private void AddContents()
    {
        foreach ((int process, IReadOnlyList<HeldPage> pages) in _source.Contents)
        {
            _steps++;
            _sections.Add("touch");
            _sections.Add("contents");
            Table("struct page", $"contents_{process}", pages.Select(page => $"{{ {Number(page.Page)}, {Number(page.Token)} }}"));
            _body.Append(CultureInfo.InvariantCulture, $"\tSTEP({_steps}, {process}, \"{process}: what the pages hold\", contents(contents_{process}, sizeof contents_{process} / sizeof *contents_{process}), OK(0));\n");
        }
    }

    /// <summary>A step for each process with VMAs, done before anything is read again: what pagemap shows of them.</summary>
    private void AddPagemap()
    {
        foreach (ProcessView process in _source.End.Processes)
        {
            List<string> runs = [.. Entries(process.Number)];
            if (runs.Count == 0)
                continue;
            _steps++;
            _sections.Add("pagemap");
            _sections.Add("sizes");
            Table("struct entries", $"entries_{process.Number}", runs);
            _body.Append(CultureInfo.InvariantCulture, $"\tSTEP_OF_SIZES({_steps}, {process.Number}, \"{process.Number}: what pagemap shows\", with_policy ? pagemap(entries_{process.Number}, sizeof entries_{process.Number} / sizeof *entries_{process.Number}) : OK(0), OK(0));\n");
        }
    }

    private IEnumerable<string> Entries(int process)
    {
        for (int index = 0; index < _source.End.Vmas.Count; index++)
        {
            VmaView vma = _source.End.Vmas[index];
            if (vma.Process != process)
                continue;
            long page = vma.Start;
            foreach (PteRun run in _source.End.RunsOf(index).ToArray())
            {
                if (run.Page > page)
                    yield return Entry(page, run.Page - page, "0");
                foreach ((long start, long count, bool exclusive) in ByExclusiveness(run))
                    yield return Entry(start, count, exclusive ? "PM_PRESENT | PM_EXCLUSIVE" : "PM_PRESENT");
                page = run.End;
            }
            if (vma.End > page)
                yield return Entry(page, vma.End - page, "0");
        }
    }

    private static string Entry(long page, long count, string bits) => $"{{ {Number(page)}, {Number(count)}, {bits} }}";

    /// <summary>Pagemap calls exclusive what is mapped exactly once.</summary>
    private IEnumerable<(long Page, long Count, bool Exclusive)> ByExclusiveness(PteRun run)
    {
        bool Once(int i) => !run.IsZeroPage && _source.End.Mapcount(_source.End.Folios[run.Folio], run.Index + i) == 1;
        int start = 0;
        for (int i = 1; i <= run.Count; i++)
        {
            if (i < run.Count && Once(i) == Once(start))
                continue;
            yield return (run.Page + start, i - start, Once(start));
            start = i;
        }
    }

    private void Table(string type, string name, IEnumerable<string> rows)
    {
        _tables.Append(CultureInfo.InvariantCulture, $"static const {type} {name}[] = {{\n");
        foreach (string row in rows)
            _tables.Append('\t').Append(row).Append(",\n");
        _tables.Append("};\n\n");
    }
}
