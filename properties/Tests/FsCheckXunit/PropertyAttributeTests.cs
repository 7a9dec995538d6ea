using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit;

namespace FolioCheck.Properties.Tests.FsCheckXunit;

/// <summary>Properties that the test run itself finds and runs, in each form that a method may have.</summary>
[Properties(QuietOnSuccess = true)]
public sealed class PropertyAttributeTests
{
    [Property]
    public void AdditionCommutes(int a, int b) => Assert.Equal(unchecked(a + b), unchecked(b + a));

    [Property]
    public bool ReversingTwiceIsNothing(int[] numbers) => numbers.AsEnumerable().Reverse().Reverse().SequenceEqual(numbers);

    [Property]
    public async Task<bool> YieldingKeepsTheArgument(string text)
    {
        var before = text;
        await Task.Yield();
        return before == text;
    }

    [Property]
    public global::FsCheck.Property DivisionUndoesMultiplication(int a, int b) => new Func<bool>(() => (long)a * b / b == a).When(b != 0);
}
