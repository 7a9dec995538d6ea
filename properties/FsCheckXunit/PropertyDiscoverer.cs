using System.Runtime.CompilerServices;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace FsCheck.Xunit;

/// <summary>Makes one test case of each method with <see cref="PropertyAttribute"/>. xunit finds it by name.</summary>
/// <param name="messageSink">Where xunit wants diagnostics.</param>
public class PropertyDiscoverer(IMessageSink messageSink) : IXunitTestCaseDiscoverer
{
    /// <inheritdoc/>
    public IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions,
        ITestMethod testMethod,
        IAttributeInfo factAttribute)
    {
        var display = discoveryOptions.MethodDisplayOrDefault();
        var displayOptions = discoveryOptions.MethodDisplayOptionsOrDefault();
        yield return IsAsyncVoid(testMethod)
            ? new ExecutionErrorTestCase(
                messageSink,
                display,
                displayOptions,
                testMethod,
                "A property must not be async void: nobody would wait for it, so it could not fail. Return Task.")
            : new PropertyTestCase(messageSink, display, displayOptions, testMethod);
    }

    private static bool IsAsyncVoid(ITestMethod testMethod) =>
        testMethod.Method.ReturnType.Name == typeof(void).FullName
        && testMethod.Method.GetCustomAttributes(typeof(AsyncStateMachineAttribute)).Any();
}
