using System.Reflection;
using FolioCheck.Implementation;
using FolioCheck.MutationSuite;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

/// <summary>
/// A run of Stryker that was killed leaves assemblies with mutants behind, which build as if they were up to date. While mutation/Mutants lets Stryker make
/// mutants, these tests find them on purpose, and keep them in the folder that they are told.
/// </summary>
public sealed class MutatedAssemblyTests
{
    [Fact]
    public void The_implementation_has_no_mutants()
    {
        Reach(OptimizedMemory.Create);
        HasNoMutants(typeof(OptimizedMemory).Assembly);
    }

    [Fact]
    public void The_reference_has_no_mutants()
    {
        Reach(ReferenceMemory.Create);
        HasNoMutants(typeof(ReferenceMemory).Assembly);
    }

    /// <summary>Stryker gives up coverage when no test reaches any mutant, and would test all of them with these tests: this reaches very few.</summary>
    private static void Reach(MemorySystemFactory create) => Assert.ThrowsAny<ArgumentException>(() => create(new Machine { Frames = -1 }));

    private static void HasNoMutants(Assembly model)
    {
        bool mutated = MutantSwitch.IsIn(model);
        string? folder = Environment.GetEnvironmentVariable("FOLIOCHECK_KEEP_MUTANTS");
        if (mutated && folder is not null)
            File.Copy(model.Location, Path.Combine(folder, Path.GetFileName(model.Location)), overwrite: true);
        else
            Assert.False(mutated, $"{model.Location} has mutants: build it anew");
    }
}
