using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit;
using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.FsCheckXunit;

#pragma warning disable xUnit1000 // Not public, so that only the tests that ask for a sample by name run it.

/// <summary>Properties that hold, fail, run out or must not run, for the tests of the attribute.</summary>
internal static class PropertySamples
{
    internal sealed class Holding(ITestOutputHelper output)
    {
        [Property]
        public void ReturnsNothing(int n) => output.WriteLine($"called {n}");

        [Property]
        public bool ReturnsBool(int n)
        {
            output.WriteLine($"called {n}");
            return true;
        }

        [Property]
        public async Task ReturnsTask(int n)
        {
            await Task.Yield();
            output.WriteLine($"called {n}");
        }

        [Property]
        public async Task<bool> ReturnsTaskOfBool(int n)
        {
            await Task.Yield();
            output.WriteLine($"called {n}");
            return true;
        }

        [Property]
        public global::FsCheck.Property ReturnsProperty(int n)
        {
            output.WriteLine($"called {n}");
            return true.Classify(n > 0, "positive");
        }

        [Property(MaxTest = 7)]
        public void SevenCases(int n, string text, bool[] flags) => output.WriteLine($"called {n} {text} {flags}");
    }

    internal sealed class Failing
    {
        [Property]
        public void ReturnsNothing(int n) => Assert.True(n < 5, "n must be less than five");

        [Property]
        public bool ReturnsBool(int n) => n < 5;

        [Property]
        public async Task ReturnsTask(int n)
        {
            await Task.Yield();
            Assert.True(n < 5);
        }

        [Property]
        public async Task<bool> ReturnsTaskOfBool(int n)
        {
            await Task.Yield();
            return n < 5;
        }

        [Property]
        public global::FsCheck.Property ReturnsProperty(int n) => (n < 5).Label("below five");

        [SampleReplay]
        public bool Replayable(int[] numbers) => numbers.Length < 4;

        [Property(Arbitrary = [typeof(Constants)])]
        public bool AtOnce(NotShrunk value) => value is null;

        [Property(StartSize = 100, Arbitrary = [typeof(LongTexts)])]
        public bool ManyLines(Lines lines) => lines.Count < 2;

        [Property(Arbitrary = [typeof(Breaking)])]
        public bool InGenerator(Unmakeable value) => value is null;

        [Property]
        public global::FsCheck.Property Exhausted(int n) => true.When(n > int.MaxValue - 1);

        [Property(Replay = "not a seed")]
        public bool BadReplay(int n) => n == n + 0;

        [Property(MaxTest = 0)]
        public bool NoCases(int n) => n == n + 0;

        [Property]
        public async void AsyncVoid(int n)
        {
            await Task.Yield();
            Assert.Equal(n, n);
        }

        [Property(MaxTest = 1, Timeout = 50)]
        public async Task TooSlow(int n) => await Task.Delay(TimeSpan.FromSeconds(2 + (n * 0)));
    }

    internal sealed class Unrun
    {
        [Property(Skip = "not today")]
        public bool Skipped(int n) => throw new InvalidOperationException($"called with {n}");
    }

    internal sealed class WithLifetime : IAsyncLifetime, IDisposable
    {
        private readonly ITestOutputHelper _output;

        public WithLifetime(ITestOutputHelper output)
        {
            _output = output;
            _output.WriteLine("constructed");
        }

        public Task InitializeAsync()
        {
            _output.WriteLine("initialized");
            return Task.CompletedTask;
        }

        public Task DisposeAsync()
        {
            _output.WriteLine("disposed asynchronously");
            return Task.CompletedTask;
        }

        public void Dispose() => _output.WriteLine("disposed");

        [Property(MaxTest = 2)]
        public void Property(int n) => _output.WriteLine($"called {n}");
    }

    internal sealed class Talking
    {
        [Property(MaxTest = 3, Verbose = true)]
        public bool Verbose(int n) => n == n + 0;

        [Property(MaxTest = 3, QuietOnSuccess = true)]
        public bool Quiet(int n) => n == n + 0;

        [Property(MaxTest = 20, Parallelism = 2)]
        public bool Parallel(int n) => n == n + 0;

        [Property]
        public static bool Static(int n) => n == n + 0;
    }

    [Properties(MaxTest = 9, Arbitrary = [typeof(Sevens)])]
    internal static class Outer
    {
        [Properties(QuietOnSuccess = true)]
        internal sealed class Inner(ITestOutputHelper output)
        {
            [Property]
            public void TakesDefaults(int n) => output.WriteLine($"called {n}");

            [Property(MaxTest = 4, QuietOnSuccess = false, Arbitrary = [typeof(Eights)])]
            public void OverridesThem(int n) => output.WriteLine($"called {n}");
        }
    }

    internal sealed record NotShrunk;

    internal sealed record Unmakeable;

    internal sealed record Lines(int Count)
    {
        public override string ToString() => string.Join('\n', Enumerable.Range(0, Count).Select(line => $"line {line}"));
    }

    internal static class LongTexts
    {
        public static Arbitrary<Lines> Lines() =>
            Arb.From(Gen.Choose(50, 60).Select(count => new Lines(count)), lines => lines.Count > 3 ? [new Lines(3)] : []);
    }

    internal static class Constants
    {
        public static Arbitrary<NotShrunk> NotShrunk() => Gen.Constant(new NotShrunk()).ToArbitrary();
    }

    internal static class Breaking
    {
        public static Arbitrary<Unmakeable> Unmakeable() =>
            Gen.Choose(0, 1).Select<int, Unmakeable>(_ => throw new InvalidOperationException("the generator broke")).ToArbitrary();
    }

    internal static class Sevens
    {
        public static Arbitrary<int> Seven() => Gen.Constant(7).ToArbitrary();
    }

    internal static class Eights
    {
        public static Arbitrary<int> Eight() => Gen.Constant(8).ToArbitrary();
    }
}
