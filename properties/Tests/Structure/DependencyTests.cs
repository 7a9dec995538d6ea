using System.Reflection;
using Xunit;

namespace FolioCheck.Properties.Tests.Structure;

/// <summary>Dependencies run one way, read from the built assemblies: a reference that shares code with the implementation shares its bugs.</summary>
public sealed class DependencyTests
{
    private const string Vocabulary = "FolioCheck.Vocabulary";
    private const string Reference = "FolioCheck.Reference";
    private const string Implementation = "FolioCheck.Implementation";
    private const string Properties = "FolioCheck.Properties";
    private const string Kernel = "FolioCheck.Kernel";
    private const string Exec = "FolioCheck.Exec";
    private const string Live = "FolioCheck.Live";

    [Theory]
    [InlineData(Vocabulary)]
    [InlineData(Reference, Vocabulary)]
    [InlineData(Implementation, Vocabulary)]
    [InlineData(Properties, Vocabulary, Reference)]
    [InlineData(Kernel, Vocabulary, Reference, Properties)]
    [InlineData(Exec, Vocabulary, Properties)]
    [InlineData(Live, Vocabulary, Reference, Properties, Kernel)]
    public void References_only(string assembly, params string[] allowed)
    {
        string[] own = [.. Assembly.Load(assembly).GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => name.StartsWith("FolioCheck", StringComparison.Ordinal) || name == "foliocheck")];
        Assert.Empty(own.Except(allowed));
    }

    [Theory]
    [InlineData(Vocabulary)]
    [InlineData(Reference)]
    [InlineData(Implementation)]
    public void The_models_use_nothing_but_the_platform(string assembly)
    {
        IEnumerable<string> foreign = Assembly.Load(assembly).GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && name != Vocabulary);
        Assert.Empty(foreign);
    }

    /// <summary>No clock, no thread, no random source, no environment in the models.</summary>
    [Theory]
    [InlineData("reference/Vocabulary")]
    [InlineData("reference/Model")]
    [InlineData("implementation/Core")]
    public void The_models_are_deterministic_by_construction(string folder)
    {
        string[] forbidden = ["DateTime", "Stopwatch", "Random.", "new Random(", "Task.", "Thread", "Environment.", "Guid.", "Parallel."];
        foreach (string file in Directory.EnumerateFiles(RepositoryRoot.File(folder), "*.cs", SearchOption.TopDirectoryOnly))
        {
            string text = File.ReadAllText(file);
            Assert.All(forbidden, word => Assert.False(text.Contains(word, StringComparison.Ordinal), $"{Path.GetFileName(file)} uses {word}"));
        }
    }

    [Fact]
    public void The_solution_names_every_project()
    {
        string solution = File.ReadAllText(RepositoryRoot.File("Verify.sln"));
        foreach (string project in Directory.EnumerateFiles(RepositoryRoot.Path, "*.csproj", SearchOption.AllDirectories))
        {
            if (!project.Contains("StrykerOutput", StringComparison.Ordinal))
                Assert.Contains(Path.GetFileName(project), solution);
        }
    }
}
