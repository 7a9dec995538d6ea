using System.Xml.Linq;
using FolioCheck.Cli;
using Xunit;

namespace FolioCheck.Properties.Tests.Costs;

/// <summary>docs/page_fault3.md and its chart are what the command writes.</summary>
public sealed class PageFault3DocumentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    public PageFault3DocumentTests()
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        Assert.Equal(ExitCode.Held, CommandLine.Run(["page-fault3", "--output", Path.Combine(_folder, "page_fault3.md")], output, errors));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("page_fault3.md")]
    [InlineData("page_fault3.svg")]
    public void The_committed_files_are_what_the_command_writes(string name) =>
        Assert.True(
            File.ReadAllBytes(RepositoryRoot.File("docs", name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(_folder, name))),
            $"docs/{name} is not what 'foliocheck page-fault3 --output docs/page_fault3.md' writes");

    /// <summary>Every case is in the chart with what was measured; nothing in it comes from outside or runs.</summary>
    [Fact]
    public void The_chart_is_whole_and_stands_alone()
    {
        XElement chart = XDocument.Load(Path.Combine(_folder, "page_fault3.svg")).Root!;
        string[] texts = [.. chart.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        Assert.All(new[] { "92.4 M", "16.2 M", "80.4 M", "299.7 M", "1", "2", "3", "4" }, text => Assert.Contains(text, texts));
        Assert.DoesNotContain(chart.Descendants(), element => element.Name.LocalName is "script" or "image" or "foreignObject");
        Assert.DoesNotContain(chart.Descendants().Attributes(), attribute => attribute.Value.Contains("http", StringComparison.Ordinal) && !attribute.IsNamespaceDeclaration);
    }

    [Fact]
    public void The_document_shows_the_chart_beside_it() =>
        Assert.Contains("](page_fault3.svg)", File.ReadAllText(Path.Combine(_folder, "page_fault3.md")), StringComparison.Ordinal);
}
