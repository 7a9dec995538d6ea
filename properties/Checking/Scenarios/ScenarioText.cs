using System.Globalization;
using System.Text;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>One step of a scenario file: an operation with the outcome it must have, or pictures that must hold after the last operation.</summary>
/// <param name="Line">1-based line of the file.</param>
/// <param name="Operation">The operation; null on a picture line.</param>
/// <param name="ExpectedOutcome">Its outcome in words, when the file names one.</param>
/// <param name="Picture">The picture line without its bar; null on an operation line.</param>
public sealed record ScenarioStep(int Line, Operation? Operation, string? ExpectedOutcome, string? Picture);

/// <summary>A scenario file that was read: the scenario and what the file expects of it.</summary>
public sealed record ScenarioFile(Scenario Scenario, IReadOnlyList<ScenarioStep> Steps);

/// <summary>
/// The text format of scenario files. A header line, the machine, the THP settings, then one line an operation:
/// <code>
/// foliocheck-scenario 1
/// machine table=64 contpte=8 frames=1024 batches=kernel quirks=split-counts-as-deferred,move-drops-neighbours-uffd
/// thp global=madvise 4=always
/// 0 mmap(0x0, 64, rw)
/// 0 write(0x5, 42)          = ok
/// | 0: AAAAAAAAAAAAAAAA................................................
/// - fail_allocation(4)      # what the environment does has a dash instead of a process
/// </code>
/// A machine line may end with "softdirty=on", or "arch=arm64 access_flags=mixed bbml2=on" and "file=64 file_order=4
/// finish_fault=window fault_around=8". "= outcome" and picture lines ("|") are optional and checked at replay. "#" begins a comment; on a picture line, where it draws a guard marker, only
/// after two blanks.
/// </summary>
public static class ScenarioText
{
    private const string Header = "foliocheck-scenario 1";

    /// <summary>Longest range that an operation of a file may fault page by page; longer ones would take for ever.</summary>
    private const long LongestFaultedRange = 1 << 20;

    /// <summary>The scenario as text.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="comments">Lines put at the top as comments.</param>
    public static string Write(Scenario scenario, params IEnumerable<string> comments)
    {
        var text = new StringBuilder();
        text.Append(Header).Append('\n');
        foreach (string comment in comments)
            text.Append("# ").Append(comment).Append('\n');
        text.Append(MachineText.Line(scenario.Machine)).Append('\n');
        text.Append(ThpLine(scenario.Machine.Thp)).Append('\n');
        foreach (Operation operation in scenario.Operations)
            text.Append(OperationText.Line(operation)).Append('\n');
        return text.ToString();
    }

    /// <summary>Reads a scenario.</summary>
    /// <param name="path">Name of the file in messages.</param>
    /// <param name="lines">Its lines.</param>
    /// <exception cref="BadInputException">The text is not a scenario.</exception>
    public static ScenarioFile Read(string path, IEnumerable<string> lines)
    {
        Machine? machine = null;
        bool headerSeen = false;
        var operations = new List<Operation>();
        var steps = new List<ScenarioStep>();
        int number = 0;
        int last = 0;
        foreach (string raw in lines)
        {
            number++;
            string line = WithoutComment(raw).Trim();
            if (line.Length == 0)
                continue;
            last = number;
            if (!headerSeen)
            {
                if (line != Header)
                    throw new BadInputException(path, number, $"a scenario begins with '{Header}', not with '{Shorten(line)}'");
                headerSeen = true;
            }
            else if (machine is null)
            {
                machine = ReadMachine(path, number, line);
            }
            else if (line.StartsWith("thp ", StringComparison.Ordinal))
            {
                if (steps.Count > 0)
                    throw new BadInputException(path, number, "the thp line stands before the operations");
                machine = machine with { Thp = ReadThp(path, number, line, machine) };
            }
            else
            {
                ScenarioStep step = ReadStep(path, number, line);
                steps.Add(step);
                if (step.Operation is Operation operation)
                    operations.Add(operation);
                if (operations.Count > Scenario.MostOperations)
                    throw new BadInputException(path, number, $"more than {Scenario.MostOperations} operations");
            }
        }
        if (!headerSeen)
            throw new BadInputException(path, 0, "the file is empty");
        if (machine is null)
            throw new BadInputException(path, last, "the machine line is missing");
        if (machine.Validate() is string reason)
            throw new BadInputException(path, 0, reason);
        return new ScenarioFile(new Scenario(machine, operations), steps);
    }

    /// <summary>Reads a machine from its two lines.</summary>
    /// <param name="path">Where they come from, in messages.</param>
    /// <param name="number">1-based number of the first line.</param>
    /// <param name="machineLine">The machine line.</param>
    /// <param name="thpLine">The THP line.</param>
    /// <exception cref="BadInputException">They describe no machine.</exception>
    public static Machine ReadMachine(string path, int number, string machineLine, string thpLine)
    {
        Machine machine = ReadMachine(path, number, machineLine);
        machine = machine with { Thp = ReadThp(path, number + 1, thpLine, machine) };
        return machine.Validate() is string reason ? throw new BadInputException(path, number, reason) : machine;
    }

    /// <summary>Reads an operation from its line.</summary>
    /// <param name="path">Where it comes from, in messages.</param>
    /// <param name="number">1-based number of the line.</param>
    /// <param name="line">The line.</param>
    /// <exception cref="BadInputException">The line is no operation.</exception>
    public static Operation ReadOperation(string path, int number, string line) =>
        ReadStep(path, number, line).Operation ?? throw new BadInputException(path, number, $"'{Shorten(line)}' is not an operation");

    private static string WithoutComment(string line)
    {
        // A picture has guard markers, drawn as "#"; a comment behind it stands apart.
        bool picture = line.AsSpan().TrimStart().StartsWith("|");
        int hash = picture ? line.IndexOf("  #", StringComparison.Ordinal) : line.IndexOf('#');
        return hash < 0 ? line : line[..hash];
    }

    internal static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "...";

    /// <summary>The line of the THP settings at the start.</summary>
    public static string ThpLine(ThpPolicy policy)
    {
        var text = new StringBuilder("thp global=" + OperationText.NameOf(policy.Global));
        for (int order = Machine.SmallestLargeOrder; order <= Machine.LargestPmdOrder; order++)
        {
            if (policy[order] != ThpMode.Never)
                text.Append(CultureInfo.InvariantCulture, $" {order}={OperationText.NameOf(policy[order])}");
        }
        return text.ToString();
    }

    private static Machine ReadMachine(string path, int number, string line)
    {
        var machine = new Machine();
        foreach ((string key, string value) in ReadPairs(path, number, line, "machine"))
            machine = MachineText.Set(machine, key, value, out string? wrong) ?? throw new BadInputException(path, number, wrong!);
        if (machine.Validate() is string reason)
            throw new BadInputException(path, number, reason);
        return machine;
    }

    private static ThpPolicy ReadThp(string path, int number, string line, Machine machine)
    {
        ThpPolicy policy = machine.Thp;
        foreach ((string key, string value) in ReadPairs(path, number, line, "thp"))
        {
            if (!OperationText.ParseMode(value, out ThpMode mode))
                throw new BadInputException(path, number, $"'{Shorten(value)}' is no THP mode: always, inherit, madvise or never");
            if (key == "global")
            {
                if (mode == ThpMode.Inherit)
                    throw new BadInputException(path, number, "the global THP setting is always, madvise or never");
                policy = policy.With(Operation.GlobalOrder, mode);
            }
            else if (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int order)
                && order >= Machine.SmallestLargeOrder && order <= machine.PmdOrder)
            {
                policy = policy.With(order, mode);
            }
            else
            {
                throw new BadInputException(path, number, $"'{Shorten(key)}' is no order of this machine: 2 to {machine.PmdOrder}");
            }
        }
        return policy;
    }

    private static IEnumerable<(string Key, string Value)> ReadPairs(string path, int number, string line, string first)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words[0] != first)
            throw new BadInputException(path, number, $"expected the {first} line, found '{Shorten(line)}'");
        foreach (string word in words.Skip(1))
        {
            int equals = word.IndexOf('=');
            if (equals <= 0)
                throw new BadInputException(path, number, $"'{Shorten(word)}' is not key=value");
            yield return (word[..equals], word[(equals + 1)..]);
        }
    }

    private static ScenarioStep ReadStep(string path, int number, string line)
    {
        if (line.StartsWith('|'))
            return new ScenarioStep(number, null, null, line[1..].Trim());
        string? expected = null;
        int equals = line.IndexOf('=');
        if (equals >= 0)
        {
            expected = line[(equals + 1)..].Trim();
            line = line[..equals].TrimEnd();
        }
        int space = line.IndexOf(' ');
        if (space < 0)
            throw new BadInputException(path, number, $"'{Shorten(line)}' is not an operation: process call(arguments)");
        string actor = line[..space];
        int process = 0;
        if (actor != "-" && !int.TryParse(actor, NumberStyles.None, CultureInfo.InvariantCulture, out process))
            throw new BadInputException(path, number, $"'{Shorten(actor)}' is not a process number");
        if (OperationText.Parse(process, line[(space + 1)..].Trim(), out Operation operation) is string reason)
            throw new BadInputException(path, number, Shorten(reason));
        if (OperationText.IsEnvironment(operation.Kind) != (actor == "-"))
            throw new BadInputException(path, number, "what the environment does has a dash for a process, and only that");
        bool faultsEachPage = operation.Kind is OperationKind.WriteRange or OperationKind.Mlock
            || operation.Kind == OperationKind.Madvise && operation.Advice == Advice.GuardInstall
            || operation.Kind == OperationKind.Madvise && operation.Advice is Advice.PopulateRead or Advice.PopulateWrite;
        // A length that wraps is refused by the call itself.
        if (faultsEachPage && operation.Length is > LongestFaultedRange and < Machine.LengthWrapsPages)
            throw new BadInputException(path, number, $"a range of more than {LongestFaultedRange} pages is not faulted page by page");
        return new ScenarioStep(number, operation, expected, null);
    }
}
