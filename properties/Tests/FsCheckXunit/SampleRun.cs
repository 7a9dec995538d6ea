using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace FolioCheck.Properties.Tests.FsCheckXunit;

/// <summary>How a sample property ended.</summary>
internal enum SampleOutcome
{
    /// <summary>xunit reported success.</summary>
    Passed,

    /// <summary>xunit reported a failure.</summary>
    Failed,

    /// <summary>xunit did not run it.</summary>
    Skipped,
}

/// <summary>The result of one sample property, discovered and run by xunit in this process.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Output">What was written to the test's output.</param>
/// <param name="Message">The message of the failure and of the exceptions in it, or the reason for skipping.</param>
/// <param name="ExceptionType">The type of the failure, if it failed.</param>
internal sealed record SampleRun(SampleOutcome Outcome, string Output, string Message, string? ExceptionType)
{
    internal static async Task<SampleRun> Of<TSample>(string method)
    {
        var testCase = Assert.Single(TestDiscovery.InClass(typeof(TSample)), testCase => testCase.TestMethod.Method.Name == method);
        using var bus = new ResultBus();
        using var cancellation = new CancellationTokenSource();
        var sink = new NullMessageSink();
        await new XunitTestCollectionRunner(
            testCase.TestMethod.TestClass.TestCollection,
            [testCase],
            sink,
            bus,
            new DefaultTestCaseOrderer(sink),
            new ExceptionAggregator(),
            cancellation).RunAsync();
        return Assert.Single(bus.Results);
    }

    private sealed class ResultBus : IMessageBus
    {
        internal List<SampleRun> Results { get; } = [];

        public bool QueueMessage(IMessageSinkMessage message)
        {
            switch (message)
            {
                case ITestPassed passed:
                    Results.Add(new SampleRun(SampleOutcome.Passed, passed.Output, "", null));
                    break;
                case ITestFailed failed:
                    var text = string.Join(Environment.NewLine, failed.Messages);
                    Results.Add(new SampleRun(SampleOutcome.Failed, failed.Output, text, failed.ExceptionTypes[0]));
                    break;
                case ITestSkipped skipped:
                    Results.Add(new SampleRun(SampleOutcome.Skipped, "", skipped.Reason, null));
                    break;
            }

            return true;
        }

        public void Dispose()
        {
        }
    }
}
