using FsCheck;

namespace FolioCheck.Properties;

/// <summary>FsCheck's words are not needed: whoever runs it reports by itself.</summary>
public sealed class SilentRunner : IRunner
{
    void IRunner.OnStartFixture(Type t)
    {
    }

    void IRunner.OnArguments(int ntest, Microsoft.FSharp.Collections.FSharpList<object> args, Microsoft.FSharp.Core.FSharpFunc<int, Microsoft.FSharp.Core.FSharpFunc<Microsoft.FSharp.Collections.FSharpList<object>, string>> every)
    {
    }

    void IRunner.OnShrink(Microsoft.FSharp.Collections.FSharpList<object> args, Microsoft.FSharp.Core.FSharpFunc<Microsoft.FSharp.Collections.FSharpList<object>, string> everyShrink)
    {
    }

    /// <summary>How FsCheck saw the block end.</summary>
    public TestResult? Result { get; private set; }

    void IRunner.OnFinished(string name, TestResult testResult) => Result = testResult;
}
