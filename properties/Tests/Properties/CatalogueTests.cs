using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>Every property of the catalogue has exactly one test of its own, and numbers are unique.</summary>
public sealed class CatalogueTests
{
    [Fact]
    public void Every_property_has_one_test()
    {
        var tested = new List<int>();
        foreach (MethodInfo method in typeof(CatalogueTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()))
        {
            Match match = Regex.Match(method.Name, @"^Property(\d+)_");
            if (match.Success && method.GetCustomAttribute<ScenarioPropertyAttribute>() is not null)
                tested.Add(int.Parse(match.Groups[1].Value));
        }
        Assert.Equal(Catalogue.All.Select(property => property.Number), tested.Order());
    }

    [Fact]
    public void Numbers_and_names_are_unique()
    {
        Assert.Equal(Catalogue.All.Count, Catalogue.All.Select(property => property.Number).Distinct().Count());
        Assert.Equal(Catalogue.All.Count, Catalogue.All.Select(property => property.Name).Distinct().Count());
    }

    [Fact]
    public void All_properties_that_were_asked_for_are_there()
    {
        int[] expected = [1, 3, 4, 5, 6, .. Range(8, 16), .. Range(20, 23), 25, .. Range(26, 32), .. Range(36, 38), .. Range(41, 51), .. Range(53, 57), 66, 67, 68, .. Range(71, 78)];
        Assert.Empty(expected.Except(Catalogue.All.Select(property => property.Number)));
    }

    private static IEnumerable<int> Range(int from, int to) => Enumerable.Range(from, to - from + 1);
}
