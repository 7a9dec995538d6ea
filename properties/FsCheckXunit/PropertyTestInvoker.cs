using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace FsCheck.Xunit;

/// <summary>xunit's invoker, which makes and disposes the test class; in place of one call of the method, FsCheck makes many.</summary>
internal sealed class PropertyTestInvoker(
    ITest test,
    IMessageBus messageBus,
    Type testClass,
    object[] constructorArguments,
    MethodInfo testMethod,
    object[] testMethodArguments,
    IReadOnlyList<BeforeAfterTestAttribute> beforeAfterAttributes,
    ExceptionAggregator aggregator,
    CancellationTokenSource cancellationTokenSource,
    ITestOutputHelper output)
    : XunitTestInvoker(
        test,
        messageBus,
        testClass,
        constructorArguments,
        testMethod,
        testMethodArguments,
        beforeAfterAttributes,
        aggregator,
        cancellationTokenSource)
{
    /// <remarks>
    /// FsCheck blocks its thread until the task of an asynchronous property is done. When xunit limits its threads, the rest
    /// of that task waits for one of them, which may be the very one that is blocked. So the run gets a thread of its own;
    /// and since xunit is then free, its time-out works too.
    /// </remarks>
    protected override object CallTestMethod(object testClassInstance) => Task.Factory.StartNew(
        () => PropertyRun.Check(TestClass, TestMethod, testClassInstance, output),
        CancellationToken.None,
        TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
        TaskScheduler.Default);
}
