using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace FsCheck.Xunit;

/// <summary>xunit's runner of one test; it finds the output of the test, or makes one when the class asked for none.</summary>
internal sealed class PropertyTestRunner(
    ITest test,
    IMessageBus messageBus,
    Type testClass,
    object[] constructorArguments,
    MethodInfo testMethod,
    object[] testMethodArguments,
    string skipReason,
    IReadOnlyList<BeforeAfterTestAttribute> beforeAfterAttributes,
    ExceptionAggregator aggregator,
    CancellationTokenSource cancellationTokenSource)
    : XunitTestRunner(
        test,
        messageBus,
        testClass,
        constructorArguments,
        testMethod,
        testMethodArguments,
        skipReason,
        beforeAfterAttributes,
        aggregator,
        cancellationTokenSource)
{
    private TestOutputHelper? _ownOutput;

    protected override async Task<Tuple<decimal, string>> InvokeTestAsync(ExceptionAggregator aggregator)
    {
        var timeAndOutput = await base.InvokeTestAsync(aggregator);
        if (_ownOutput is null)
        {
            return timeAndOutput;
        }

        var output = _ownOutput.Output;
        _ownOutput.Uninitialize();
        return Tuple.Create(timeAndOutput.Item1, output);
    }

    protected override Task<decimal> InvokeTestMethodAsync(ExceptionAggregator aggregator)
    {
        // Up to here the argument for an ITestOutputHelper was a function that makes one; xunit has just called it.
        var output = ConstructorArguments.OfType<TestOutputHelper>().FirstOrDefault() ?? OwnOutput();
        return new PropertyTestInvoker(
            Test,
            MessageBus,
            TestClass,
            ConstructorArguments,
            TestMethod,
            TestMethodArguments,
            BeforeAfterAttributes,
            aggregator,
            CancellationTokenSource,
            output).RunAsync();
    }

    private TestOutputHelper OwnOutput()
    {
        _ownOutput = new TestOutputHelper();
        _ownOutput.Initialize(MessageBus, Test);
        return _ownOutput;
    }
}
