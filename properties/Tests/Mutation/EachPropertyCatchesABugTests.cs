using FolioCheck.Implementation;
using FolioCheck.Mutation;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

/// <summary>A check that cannot fail is a defect: each property alone, without reference and lockstep, catches a bug of the implementation.</summary>
public class EachPropertyCatchesABugTests
{
    public static TheoryData<int> Numbers => [.. Catalogue.All.Select(property => property.Number)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void EachPropertyCatchesABug(int number)
    {
        Property property = Catalogue.Get(number);
        PlantedBug? planted = PropertyBugs.Of(property);
        Assert.True(planted is { Layer: BugLayer.Implementation }, $"{property.Title} has no bug");
        using CompiledBug bug = planted.Compile();
        var options = new HuntOptions { Operations = PropertyBugs.Budget, Shrink = false, TimeLimit = TimeSpan.FromMinutes(1) };
        HuntResult found = BugHunt.Property(bug.CreateObserved, property, options, planted.Settings);
        Assert.True(found.End == HuntEnd.Caught, $"{property.Title} and {planted.Id}: {found.End} after {found.Operations} operations");

        // The same operations without the bug: the alarm is the bug's.
        HuntResult control = BugHunt.Property(OptimizedMemory.Create, property, options with { Operations = found.Operations }, planted.Settings);
        Assert.True(control.End == HuntEnd.Missed, control.Failure?.Summary);
    }

    [Fact]
    public void The_table_names_no_other_properties() => Assert.Equal(Catalogue.All.Select(property => property.Number), PropertyBugs.Numbers.Order());
}
