using System.Globalization;
using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>Writes a kill matrix as a page in Markdown.</summary>
public static class KillMatrixPage
{
    /// <summary>Names of a list that are written out.</summary>
    private const int MostNames = 6;

    /// <summary>The page.</summary>
    public static string Write(KillMatrix matrix) => string.Join('\n', Sections(matrix)) + "\n";

    /// <summary>The figures that sum the matrix up, by name.</summary>
    public static IEnumerable<(string Name, string Value)> Figures(KillMatrix matrix)
    {
        Property[] silent = [.. matrix.Silent];
        KillRow[] uncaught = [.. matrix.Uncaught];
        yield return ("bugs", Text(matrix.Rows.Count));
        yield return ("bugs that some property catches alone", Text(matrix.Rows.Count - uncaught.Length));
        yield return ("bugs that only one property catches alone", Text(matrix.Rows.Count(row => row.Caught.Count == 1)));
        yield return ("bugs that no property catches alone", Text(uncaught.Length));
        yield return ("of these, seen by abstract memory alone", Text(uncaught.Count(row => row.Values is not null)));
        yield return ("of these, throw", Text(uncaught.Count(row => row.Throws is not null)));
        yield return ("bugs that abstract memory sees alone", Text(matrix.Rows.Count(row => row.Values is not null)));
        yield return ("bugs that throw", Text(matrix.Rows.Count(row => row.Throws is not null)));
        yield return ("bugs that throw when they are done, not only when they are looked at", Text(matrix.Rows.Count(row => row.Throws is { Observing: false })));
        yield return ("properties", Text(Catalogue.All.Count));
        yield return ("properties that no bug needs", Text(matrix.NotNeeded.Count()));
        yield return ("properties that catch nothing", Text(silent.Length));
        yield return ("properties that do not catch their own bug", Text(matrix.Disagreeing.Count()));
    }

    private static IEnumerable<string> Sections(KillMatrix matrix)
    {
        yield return "# Kill matrix\n";
        yield return Introduction(matrix.Options);
        yield return "## In short\n";
        yield return string.Join('\n', Figures(matrix).Select(figure => $"* {figure.Name}: {figure.Value}")) + "\n";
        yield return "## What each property catches alone\n";
        yield return Properties(matrix);
        yield return "## Properties that no bug needs\n";
        yield return "Every bug that such a property catches is caught by another one as well, though perhaps later. Where a single other property catches all of them, it is named.\n";
        yield return List(matrix.NotNeeded.Select(property => NotNeeded(matrix, property)));
        yield return "## Properties that catch nothing\n";
        yield return List(matrix.Silent.Select(property => $"* {Name(property)}"));
        yield return "## Bugs that no property catches alone\n";
        yield return "Only a comparison finds them: with the other model (lockstep), with its micro-steps, or with a recorded transcript.\n";
        yield return List(matrix.Uncaught.Select(row => $"* `{row.Bug.Id}`: {row.Bug.Wrong}"));
        yield return "## What catches each bug\n";
        yield return Bugs(matrix).TrimEnd('\n');
    }

    private static string Introduction(KillMatrixOptions options)
    {
        (string steps, string laws) = Budgets(options, BugLayer.Implementation);
        (string slowSteps, string slowLaws) = Budgets(options, BugLayer.Reference);
        return $"""
            Every planted bug alone against every property alone: the system with the bug runs by itself on scenarios drawn with seed {Text((long)options.Seed)} and the bug's settings,
            without a reference beside it, and each property is judged as if it were the only one. `foliocheck bugs --matrix --operations {Text(options.Operations)} --output mutation/kill-matrix.md`
            writes this page and `kill-matrix.json`, which has for each pair after how many operations the property failed first.

            * Invariants and step properties (*state*, *step*) are judged after each of {steps} operations in one pass, properties of *micro-steps* after each of {laws}; each *law* is held against
              all scenarios of {laws} operations, and so is abstract memory. A bug of the reference is judged on the reference alone, which is slow: {slowSteps} and {slowLaws} operations.
              Where a property misses its own bug (the table in README.md), it goes on to the {Text(PropertyBugs.Budget)} within which it must catch it. A pair that does not stand here was not seen
              within these operations; more might show it.
            * *Throws*: the system itself threw, for an index out of range or a count below zero, at that operation: what a kernel's bounds checks (CONFIG_DEBUG_VM, KASAN, UBSAN)
              would have seen. It is no property's merit. *Looked at*: not the operation threw, but the look at the state after it.
            * *Values*: abstract memory (L0), which knows outcomes and values only, notices the bug alone.

            """;
    }

    private static (string Steps, string Laws) Budgets(KillMatrixOptions options, BugLayer layer) => (Text(options.StepBudget(layer)), Text(options.LawBudget(layer)));

    private static string Properties(KillMatrix matrix)
    {
        var table = new MarkdownTable("property", "kind", "bugs it catches", "bugs that only it catches", "which");
        foreach (Property property in Catalogue.All)
        {
            string[] only = [.. matrix.CaughtOnlyBy(property).Select(row => $"`{row.Bug.Id}`")];
            table.Add($"{Name(property)}", Kind(property), Text(matrix.CaughtBy(property).Count()), Text(only.Length), Shortened(only));
        }
        return table.ToString();
    }

    private static string Bugs(KillMatrix matrix)
    {
        var table = new MarkdownTable("bug", "properties", "first", "operations", "throws", "values");
        foreach (KillRow row in matrix.Rows)
        {
            string first = row.First is Property property ? Name(property) : "none";
            string operations = row.First is null ? "" : Text(row.Caught[row.First]);
            table.Add($"`{row.Bug.Id}`", Text(row.Caught.Count), first, operations, Throws(row), row.Values is long values ? Text(values) : "no");
        }
        return table.ToString();
    }

    private static string NotNeeded(KillMatrix matrix, Property property)
    {
        KillRow[] rows = [.. matrix.CaughtBy(property)];
        Property[] covering = [.. Catalogue.All.Where(other => other != property && rows.All(row => row.Caught.ContainsKey(other)))];
        string others = covering.Length == 0 ? "no other property catches all of them" : "all of them by " + Shortened([.. covering.Select(other => Text(other.Number))]);
        return $"* {Name(property)}: {Text(rows.Length)} bugs, {others}";
    }

    private static string Throws(KillRow row) => row.Throws is not KillThrow thrown
        ? "no"
        : $"{thrown.Exception.Replace("Exception", "", StringComparison.Ordinal)}, {Text(thrown.Operations)}{(thrown.Observing ? ", looked at" : "")}";

    private static string Shortened(string[] names) => names.Length <= MostNames
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(MostNames))} and {Text(names.Length - MostNames)} more";

    private static string List(IEnumerable<string> items) => items.Any() ? string.Join('\n', items) + "\n" : "None.\n";

    private static string Kind(Property property) => property switch
    {
        Invariant => "state",
        StepProperty => "step",
        EventProperty => "micro-steps",
        _ => "law",
    };

    private static string Name(Property property) => $"{Text(property.Number)}, {property.Name}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
