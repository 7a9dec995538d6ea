using System.Reflection;
using FsCheck.Xunit;
using Xunit.Sdk;

namespace FolioCheck.Properties.Tests.FsCheckXunit;

/// <summary>Compares the properties that are written down with those that xunit finds.</summary>
/// <remarks>
/// A property that xunit does not find fails nothing: the run is merely shorter. It happens when the class is not public,
/// when an abstract class has no heir, when two methods share a name, or when the discoverer cannot be loaded.
/// </remarks>
internal static class PropertyCensus
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>The methods with a <see cref="PropertyAttribute"/> that the types themselves declare.</summary>
    internal static IReadOnlyList<MethodInfo> Written(IEnumerable<Type> types) =>
        [.. types.SelectMany(type => type.GetMethods(Declared)).Where(IsProperty)];

    /// <summary>One line for each property that is not found exactly once; none if all is well.</summary>
    internal static IReadOnlyList<string> Problems(IReadOnlyCollection<Type> types, IEnumerable<IXunitTestCase> found)
    {
        var counts = found
            .GroupBy(testCase => (Class: testCase.TestMethod.TestClass.Class.Name, Method: testCase.TestMethod.Method.Name))
            .ToDictionary(group => group.Key, group => group.Count());
        var expected = types
            .Where(type => !type.IsAbstract || type.IsSealed)
            .SelectMany(type => type.GetRuntimeMethods().Where(IsProperty).Select(method => (Class: type, Method: method)))
            .ToList();
        var wrong = expected
            .Select(test => (Name: (Class: test.Class.FullName!, Method: test.Method.Name), Count: 0))
            .Distinct()
            .Select(test => test with { Count = counts.GetValueOrDefault(test.Name) })
            .Where(test => test.Count != 1)
            .Select(test => $"{test.Name.Class}.{test.Name.Method} is found {test.Count} times");
        var reachable = expected
            .SelectMany(test => new[] { test.Method, test.Method.GetBaseDefinition() })
            .Select(Identity)
            .ToHashSet();
        var orphaned = Written(types)
            .Where(method => !reachable.Contains(Identity(method)))
            .Select(method => $"{method.DeclaringType}.{method.Name} is in no class that can be made");
        return [.. wrong, .. orphaned];
    }

    private static bool IsProperty(MethodInfo method) => method.IsDefined(typeof(PropertyAttribute), inherit: true);

    private static (Module Module, int Token) Identity(MethodInfo method) => (method.Module, method.MetadataToken);
}
