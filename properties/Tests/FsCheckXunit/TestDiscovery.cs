using System.Reflection;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace FolioCheck.Properties.Tests.FsCheckXunit;

/// <summary>What xunit itself finds: the same discoverer that a test run starts with, called in this process.</summary>
internal static class TestDiscovery
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    internal static IReadOnlyList<IXunitTestCase> InAssembly(Assembly assembly) =>
        Discover(assembly, (discoverer, sink) => discoverer.Find(includeSourceInformation: false, sink, new DefaultOptions()));

    /// <summary>Asks for one class by name. Unlike a search of an assembly, this finds classes that are not public too.</summary>
    internal static IReadOnlyList<IXunitTestCase> InClass(Type testClass) =>
        Discover(
            testClass.Assembly,
            (discoverer, sink) => discoverer.Find(testClass.FullName, includeSourceInformation: false, sink, new DefaultOptions()));

    private static List<IXunitTestCase> Discover(Assembly assembly, Action<XunitTestFrameworkDiscoverer, IMessageSink> find)
    {
        using var sink = new TestCaseSink();
        using var discoverer = new XunitTestFrameworkDiscoverer(Reflector.Wrap(assembly), new NoSourceInformation(), sink);
        find(discoverer, sink);
        return sink.Wait();
    }

    private sealed class TestCaseSink : LongLivedMarshalByRefObject, IMessageSink, IDisposable
    {
        private readonly List<IXunitTestCase> _testCases = [];
        private readonly ManualResetEventSlim _complete = new();

        public bool OnMessage(IMessageSinkMessage message)
        {
            if (message is ITestCaseDiscoveryMessage { TestCase: IXunitTestCase testCase })
            {
                _testCases.Add(testCase);
            }
            else if (message is IDiscoveryCompleteMessage)
            {
                _complete.Set();
            }

            return true;
        }

        public void Dispose() => _complete.Dispose();

        internal List<IXunitTestCase> Wait() =>
            _complete.Wait(Patience) ? _testCases : throw new TimeoutException("xunit's discovery did not end.");
    }

    private sealed class NoSourceInformation : LongLivedMarshalByRefObject, ISourceInformationProvider
    {
        public ISourceInformation GetSourceInformation(ITestCase testCase) => new SourceInformation();

        public void Dispose()
        {
        }
    }

    private sealed class DefaultOptions : ITestFrameworkDiscoveryOptions
    {
        public TValue GetValue<TValue>(string name) => default!;

        public void SetValue<TValue>(string name, TValue value)
        {
        }
    }
}
