using System.Reflection;
using Microsoft.FSharp.Core;

namespace FsCheck.Xunit;

/// <summary>What the attributes ask for; null is "not set here".</summary>
internal sealed record PropertySettings
{
    internal string? Replay { get; init; }

    internal int? Parallelism { get; init; }

    internal int? MaxTest { get; init; }

    internal int? MaxRejected { get; init; }

    internal int? StartSize { get; init; }

    internal int? EndSize { get; init; }

    internal bool? Verbose { get; init; }

    internal bool? QuietOnSuccess { get; init; }

    internal Type[] Arbitrary { get; init; } = [];

    /// <summary>The settings of a method: its own before those of its class, of the classes round that, and of the assembly.</summary>
    internal static PropertySettings Of(Type testClass, MethodInfo method)
    {
        var settings = method.GetCustomAttributes<PropertyAttribute>(inherit: true).First().Settings;
        for (var type = testClass; type is not null; type = type.DeclaringType)
        {
            settings = settings.OrElse(type.GetCustomAttribute<PropertiesAttribute>(inherit: true)?.Settings);
        }

        return settings.OrElse(testClass.Assembly.GetCustomAttribute<PropertiesAttribute>()?.Settings);
    }

    internal Config ToConfig(IRunner runner, Replay replay)
    {
        var defaults = Config.Default;
        var maxTest = MaxTest ?? defaults.MaxTest;
        // FsCheck stops when the count EQUALS the maximum: from zero or less it would run for ever.
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTest, 1, nameof(MaxTest));
        return defaults
            .WithReplay(FSharpOption<Replay>.Some(replay))
            .WithParallelRunConfig(Parallelism is { } threads ? new ParallelRunConfig(threads) : defaults.ParallelRunConfig)
            .WithMaxTest(maxTest)
            .WithMaxRejected(MaxRejected ?? defaults.MaxRejected)
            .WithStartSize(StartSize ?? defaults.StartSize)
            .WithEndSize(EndSize ?? defaults.EndSize)
            .WithQuietOnSuccess(QuietOnSuccess ?? defaults.QuietOnSuccess)
            .WithArbitrary(Arbitrary)
            .WithRunner(runner);
    }

    private PropertySettings OrElse(PropertySettings? outer) => outer is null
        ? this
        : new PropertySettings
        {
            Replay = Replay ?? outer.Replay,
            Parallelism = Parallelism ?? outer.Parallelism,
            MaxTest = MaxTest ?? outer.MaxTest,
            MaxRejected = MaxRejected ?? outer.MaxRejected,
            StartSize = StartSize ?? outer.StartSize,
            EndSize = EndSize ?? outer.EndSize,
            Verbose = Verbose ?? outer.Verbose,
            QuietOnSuccess = QuietOnSuccess ?? outer.QuietOnSuccess,
            Arbitrary = [.. Arbitrary, .. outer.Arbitrary],
        };
}
