using System.Reflection;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Xunit.Abstractions;

namespace FsCheck.Xunit;

/// <summary>One run of one property: it takes FsCheck's reports, and throws when the property did not hold.</summary>
internal sealed class PropertyRun : IRunner
{
    private readonly PropertySettings _settings;
    private readonly ITestOutputHelper _output;
    private int _testsDone;
    private TestResult? _result;

    private PropertyRun(PropertySettings settings, ITestOutputHelper output)
    {
        _settings = settings;
        _output = output;
    }

    internal static void Check(Type testClass, MethodInfo method, object? target, ITestOutputHelper output) =>
        new PropertyRun(PropertySettings.Of(testClass, method), output).Check(method, target);

    void IRunner.OnStartFixture(Type value)
    {
    }

    void IRunner.OnArguments(
        int ntest,
        FSharpList<object> args,
        FSharpFunc<int, FSharpFunc<FSharpList<object>, string>> every)
    {
        _testsDone = ntest;
        if (_settings.Verbose ?? false)
        {
            _output.WriteLine(global::FsCheck.Runner.onArgumentsToString(ntest, args));
        }
    }

    void IRunner.OnShrink(FSharpList<object> args, FSharpFunc<FSharpList<object>, string> everyShrink)
    {
        if (_settings.Verbose ?? false)
        {
            _output.WriteLine(global::FsCheck.Runner.onShrinkToString(args));
        }
    }

    void IRunner.OnFinished(string name, TestResult testResult) => _result = testResult;

    private void Check(MethodInfo method, object? target)
    {
        // The seed is drawn here, not inside FsCheck, so that it is on record even if the run never comes back.
        var replay = _settings.Replay is { } text ? ReplayText.Parse(text) : Fresh();
        _output.WriteLine($"Replay: {ReplayText.Of(replay)}");
        var config = _settings.ToConfig(this, replay);
        try
        {
            global::FsCheck.Check.Method(config, method, target is null ? FSharpOption<object>.None : FSharpOption<object>.Some(target));
        }
        catch (TargetInvocationException e)
        {
            throw new PropertyFailedException(FailureText.OfBroken(_testsDone, replay), e.InnerException);
        }

        switch (_result)
        {
            case TestResult.Passed passed:
                if (!passed.Item2)
                {
                    _output.WriteLine(global::FsCheck.Runner.onFinishedToString("", passed));
                }

                break;
            case TestResult.Failed failed:
                throw new PropertyFailedException(FailureText.OfFalsified(failed), (failed.Item4 as Outcome.Failed)?.Item);
            case TestResult.Exhausted exhausted:
                throw new PropertyFailedException(FailureText.OfExhausted(exhausted, replay), null);
            default:
                throw new PropertyFailedException(FailureText.OfBroken(_testsDone, replay), null);
        }
    }

    private static Replay Fresh() => new(new Rnd((ulong)System.Random.Shared.NextInt64()), FSharpOption<int>.None);
}
