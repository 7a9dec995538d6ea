using FolioCheck.Kernel;
using FolioCheck.Live;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Live;

/// <summary>What is written into a transcript is read again as the operation that it was.</summary>
public sealed class RecordedCallTests
{
    [Fact]
    public void Operations_are_translated_there_and_back()
    {
        int translated = 0;
        for (ulong seed = 0; seed < 200; seed++)
        {
            foreach (Operation operation in ScenarioGenerator.Draw(new RandomChoices(seed), MachineChoice.Default, 50).Operations)
            {
                RecordedOperation call = RecordedCall.Of(operation);
                if (OperationSchema.Arguments(call.Name) is null || OperationTranslation.Translate(call) is not { Reason: null } translation)
                    continue;
                Assert.Equal(OperationText.Line(operation), OperationText.Line(translation.Operation));
                translated++;
            }
        }
        Assert.True(translated > 5000, $"only {translated} operations have words in a transcript");
    }
}
