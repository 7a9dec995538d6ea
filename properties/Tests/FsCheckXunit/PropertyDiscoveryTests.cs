using FsCheck.Xunit;
using Xunit;
using Xunit.Sdk;

namespace FolioCheck.Properties.Tests.FsCheckXunit;

#pragma warning disable xUnit1000 // The classes below are those that xunit must not find.

/// <summary>Guards against properties that silently do not run.</summary>
public sealed class PropertyDiscoveryTests
{
    /// <summary>xunit loads the discoverer by these two names; when it cannot, it drops every property without a word.</summary>
    [Fact]
    public void TheAttributeNamesTheDiscovererOfItsOwnAssembly()
    {
        var assembly = typeof(PropertyAttribute).Assembly;
        var attribute = Assert.Single(
            typeof(PropertyAttribute).CustomAttributes,
            data => data.AttributeType == typeof(XunitTestCaseDiscovererAttribute));
        var typeName = Assert.IsType<string>(attribute.ConstructorArguments[0].Value);
        var assemblyName = Assert.IsType<string>(attribute.ConstructorArguments[1].Value);

        Assert.Equal(assembly.GetName().Name, assemblyName);
        Assert.True(assembly.GetType(typeName)?.IsAssignableTo(typeof(IXunitTestCaseDiscoverer)), $"{typeName} is no discoverer");
    }

    [Fact]
    public void EveryPropertyOfThisAssemblyIsOneTestCase()
    {
        var assembly = typeof(PropertyDiscoveryTests).Assembly;
        var types = assembly.GetTypes().Where(type => !IsSample(type)).ToList();

        Assert.NotEmpty(PropertyCensus.Written(types));
        var problems = PropertyCensus.Problems(types, TestDiscovery.InAssembly(assembly));

        Assert.True(problems.Count == 0, string.Join(Environment.NewLine, problems));
    }

    [Theory]
    [InlineData(typeof(NotPublic), "is found 0 times")]
    [InlineData(typeof(WithoutHeir), "is in no class that can be made")]
    public void APropertyThatIsNotFoundIsReported(Type testClass, string problem)
    {
        var found = TestDiscovery.InAssembly(testClass.Assembly);

        Assert.EndsWith(problem, Assert.Single(PropertyCensus.Problems([testClass], found)), StringComparison.Ordinal);
    }

    [Fact]
    public void APropertyThatIsFoundTwiceIsReported()
    {
        var found = TestDiscovery.InClass(typeof(SharedName));

        Assert.EndsWith("is found 2 times", Assert.Single(PropertyCensus.Problems([typeof(SharedName)], found)), StringComparison.Ordinal);
    }

    [Fact]
    public void AnInheritedPropertyIsFoundInEachHeir()
    {
        Type[] types = [typeof(Ancestor), typeof(Heir)];

        Assert.Single(PropertyCensus.Written(types));
        Assert.Empty(PropertyCensus.Problems(types, TestDiscovery.InClass(typeof(Heir))));
    }

    private static bool IsSample(Type type)
    {
        for (var outer = type.DeclaringType; outer is not null; outer = outer.DeclaringType)
        {
            if (outer == typeof(PropertySamples) || outer == typeof(PropertyDiscoveryTests))
            {
                return true;
            }
        }

        return false;
    }

    private sealed class NotPublic
    {
        [Property]
        public bool Property(int n) => n == n + 0;
    }

    private abstract class WithoutHeir
    {
        [Property]
        public bool Property(int n) => n == n + 0;
    }

#pragma warning disable xUnit1024 // What the analyzer forbids is what the guard must report.
    private sealed class SharedName
    {
        [Property]
        public bool Property(int n) => n == n + 0;

        [Property]
        public bool Property(string text) => text == text + "";
    }
#pragma warning restore xUnit1024

    private abstract class Ancestor
    {
        [Property]
        public bool Property(int n) => n == n + 0;
    }

    private sealed class Heir : Ancestor;
}
