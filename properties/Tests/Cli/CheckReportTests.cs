using System.Globalization;
using System.Xml.Linq;
using FolioCheck.Cli;
using FolioCheck.Implementation;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>What check writes for others: JUnit for continuous integration, Markdown for a pull request; the same bytes for the same run.</summary>
public sealed class CheckReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (int Code, string Junit, string Markdown) Check(SystemUnderTest system, string name, long cases = 60)
    {
        string junit = Path.Combine(_folder, name + ".xml");
        string markdown = Path.Combine(_folder, name + ".md");
        (int code, _) = CheckRun.Of(system, cases, Path.Combine(_folder, name), options => options with { Junit = junit, Markdown = markdown });
        return (code, File.ReadAllText(junit), File.ReadAllText(markdown));
    }

    [Fact]
    public void Junit_has_a_case_for_every_property_with_its_premise()
    {
        (int code, string junit, _) = Check(new SystemUnderTest(OptimizedMemory.Create), "sound");
        Assert.Equal(ExitCode.Held, code);
        XElement suite = XDocument.Parse(junit).Root!.Element("testsuite")!;
        XElement[] cases = [.. suite.Elements("testcase")];
        Assert.Equal(cases.Length.ToString(CultureInfo.InvariantCulture), suite.Attribute("tests")!.Value);
        Assert.Equal("0", suite.Attribute("failures")!.Value);
        foreach (Property property in Catalogue.All)
        {
            XElement found = Assert.Single(cases, element => element.Attribute("name")!.Value == string.Create(CultureInfo.InvariantCulture, $"property {property.Number}, {property.Name}"));
            if (property is EventProperty)
                Assert.NotNull(found.Element("skipped"));
            else
                Assert.Matches(@"^\d+$", found.Element("properties")!.Element("property")!.Attribute("value")!.Value);
        }
        Assert.True(long.Parse(Premise(cases, "property 1, page mapcount equals entries"), CultureInfo.InvariantCulture) > 1000);
    }

    private static string Premise(XElement[] cases, string name) =>
        cases.Single(element => element.Attribute("name")!.Value == name).Element("properties")!.Element("property")!.Attribute("value")!.Value;

    [Fact]
    public void A_failure_is_in_both_with_its_report()
    {
        (int code, string junit, string markdown) = Check(BrokenMemory.In(OperationKind.Mprotect), "broken");
        Assert.Equal(ExitCode.Failed, code);
        XElement failed = Assert.Single(XDocument.Parse(junit).Descendants("failure"));
        Assert.Equal("lockstep: outcome: expected ok, found ENOENT", failed.Attribute("message")!.Value);
        Assert.Contains("\n--> 0 mprotect(", failed.Value, StringComparison.Ordinal);
        Assert.Equal("the system agrees with the reference", failed.Parent!.Attribute("name")!.Value);
        Assert.StartsWith("## FolioCheck: failed\n", markdown, StringComparison.Ordinal);
        Assert.Contains("\n--> 0 mprotect(", markdown, StringComparison.Ordinal);
        Assert.Contains("| the system agrees with the reference | **failed** |", markdown, StringComparison.Ordinal);
        Assert.Contains("\nfoliocheck check --seed 1 --machine tiny --cases 60\n", markdown, StringComparison.Ordinal);
    }

    /// <summary>A program under test may answer anything; XML cannot hold all of it.</summary>
    [Fact]
    public void What_xml_cannot_hold_does_not_break_it()
    {
        (_, string junit, string markdown) = Check(new SystemUnderTest(_ => throw new InvalidOperationException("\u0001 <b> ]]> | ```")), "throws");
        XElement failed = Assert.Single(XDocument.Parse(junit).Descendants("failure"));
        Assert.Contains("\uFFFD <b> ]]> | ```", failed.Attribute("message")!.Value, StringComparison.Ordinal);
        Assert.Contains("\n````\n", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_run_gives_the_same_bytes()
    {
        Assert.Equal(Check(BrokenMemory.In(OperationKind.Fork), "one"), Check(BrokenMemory.In(OperationKind.Fork), "two"));
        Assert.Equal(Check(new SystemUnderTest(OptimizedMemory.Create), "three"), Check(new SystemUnderTest(OptimizedMemory.Create), "four"));
        Assert.Equal(Saved("one"), Saved("two"));
    }

    /// <summary>All that is said, but for the two rows that are times.</summary>
    [Fact]
    public void The_same_run_says_the_same()
    {
        string[] Said(SystemUnderTest system) =>
            [.. CheckRun.Of(system, 60, Path.Combine(_folder, "said")).Output.Split('\n').Where(line => !line.StartsWith("seconds: ", StringComparison.Ordinal) && !line.StartsWith("operations/s: ", StringComparison.Ordinal))];
        Assert.Equal(Said(new SystemUnderTest(OptimizedMemory.Create)), Said(new SystemUnderTest(OptimizedMemory.Create)));
        string[] failing = Said(BrokenMemory.In(OperationKind.Munmap));
        Directory.Delete(Path.Combine(_folder, "said"), recursive: true);
        Assert.Equal(failing, Said(BrokenMemory.In(OperationKind.Munmap)));
    }

    private (string Name, string Text) Saved(string name)
    {
        string path = Assert.Single(Directory.GetFiles(Path.Combine(_folder, name)));
        return (Path.GetFileName(path), File.ReadAllText(path));
    }

    [Fact]
    public void A_report_that_cannot_be_written_is_said_so()
    {
        (int code, string output) = CheckRun.Of(
            new SystemUnderTest(OptimizedMemory.Create), 5, _folder, options => options with { Junit = Path.Combine(_folder, "no", "such", "folder.xml") });
        Assert.Equal(ExitCode.CannotWrite, code);
        Assert.Contains("folder.xml: ", output, StringComparison.Ordinal);
    }
}
