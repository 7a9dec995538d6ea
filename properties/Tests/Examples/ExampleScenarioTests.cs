using FolioCheck.Implementation;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Examples;

/// <summary>
/// Every scenario of properties/corpus/examples on both models. What the files expect was derived by hand from SPECIFICATION.md, so here
/// the models are held against the text, not against each other.
/// </summary>
public sealed class ExampleScenarioTests
{
    private static readonly string _directory = RepositoryRoot.File("properties", "corpus", "examples");

    private static readonly (string Name, MemorySystemFactory Create)[] _models =
    [
        ("reference", ReferenceMemory.Create), ("optimized", OptimizedMemory.Create),
    ];

    /// <summary>Names of the files, without folder.</summary>
    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(_directory, "*.scenario").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Holds_on_both_models(string name)
    {
        string path = Path.Combine(_directory, name);
        ScenarioFile file = ScenarioText.Read(path, File.ReadLines(path));
        var failures = new List<string>();
        foreach ((string model, MemorySystemFactory create) in _models)
        {
            ScenarioReplayResult result = ScenarioReplay.Run(file, create);
            if (result.Wrong is not null)
                failures.Add($"{path}:{result.Line}: {model}\n{result.Wrong}");
            else if (result.Expectations == 0)
                failures.Add($"{path}: expects nothing");
        }
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }
}
