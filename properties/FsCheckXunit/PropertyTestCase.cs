using System.ComponentModel;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace FsCheck.Xunit;

/// <summary>The test case of a property: xunit's own, but for the runner.</summary>
public class PropertyTestCase : XunitTestCase
{
    /// <summary>For xunit, which fills in the rest when it reads the test case back.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("Called by the de-serializer only.")]
    public PropertyTestCase()
    {
    }

    /// <summary>The test case of one method.</summary>
    /// <param name="diagnosticMessageSink">Where xunit wants diagnostics.</param>
    /// <param name="defaultMethodDisplay">How the method is named.</param>
    /// <param name="defaultMethodDisplayOptions">How its name is made readable.</param>
    /// <param name="testMethod">The method.</param>
    public PropertyTestCase(
        IMessageSink diagnosticMessageSink,
        TestMethodDisplay defaultMethodDisplay,
        TestMethodDisplayOptions defaultMethodDisplayOptions,
        ITestMethod testMethod)
        : base(diagnosticMessageSink, defaultMethodDisplay, defaultMethodDisplayOptions, testMethod)
    {
    }

    /// <inheritdoc/>
    public override Task<RunSummary> RunAsync(
        IMessageSink diagnosticMessageSink,
        IMessageBus messageBus,
        object[] constructorArguments,
        ExceptionAggregator aggregator,
        CancellationTokenSource cancellationTokenSource) =>
        new PropertyTestCaseRunner(this, constructorArguments, messageBus, aggregator, cancellationTokenSource).RunAsync();
}
