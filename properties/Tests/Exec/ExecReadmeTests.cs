using System.Diagnostics;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Exec;

/// <summary>properties/Exec/README.md says what is so.</summary>
public sealed class ExecReadmeTests(OrderZeroExample example) : IClassFixture<OrderZeroExample>
{
    private static readonly string _readme = RepositoryRoot.File("properties", "Exec", "README.md");

    [NeedsProgramFact(Programs.Compiler)]
    public void The_example_session_is_real()
    {
        string[] lines = [.. File.ReadLines(_readme).Where(line => line.StartsWith("    > ", StringComparison.Ordinal) || line.StartsWith("    < ", StringComparison.Ordinal))];
        using Process program = Process.Start(new ProcessStartInfo(example.Path) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.True(lines.Length > 20);
        foreach (string line in lines)
        {
            if (line[4] == '>')
                program.StandardInput.WriteLine(line[6..]);
            else
                Assert.Equal(line[6..], program.StandardOutput.ReadLine());
            program.StandardInput.Flush();
        }
        program.StandardInput.Close();
        program.WaitForExit();
        Assert.Equal(0, program.ExitCode);
    }

    [Fact]
    public void Everything_that_can_be_observed_is_documented()
    {
        string text = File.ReadAllText(_readme);
        Assert.All(ObservationSubset.Names.SelectMany(name => name.Split('.')), word => Assert.Contains($"`{word}`", text, StringComparison.Ordinal));
        Assert.All(Enum.GetValues<Errno>(), errno => Assert.Contains($"`{errno}`", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(typeof(PteBits))]
    [InlineData(typeof(VmaFlags))]
    public void Bits_have_the_values_that_the_table_names(Type flags)
    {
        string text = File.ReadAllText(_readme).ReplaceLineEndings(" ");
        foreach (object flag in Enum.GetValues(flags))
        {
            int value = (int)flag;
            string name = System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(flag.ToString()!);
            if (value != 0)
                Assert.Contains($"`{name}` {value}", text, StringComparison.Ordinal);
        }
    }
}
