using System.Reflection;
using FolioCheck.Implementation;
using FolioCheck.Mutation;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Explore;

/// <summary>What a system holds, as bytes.</summary>
public sealed class RawStateTests
{
    private sealed class Node
    {
        public int Number { get; set; }

        public Node? Next { get; set; }

        public List<(int First, long Second)> Items { get; } = [];

        public bool[] Flags { get; } = new bool[3];
    }

    private static string Of(object system, params string[] ignored) =>
        Convert.ToHexString(new RawState(ignored.ToHashSet(StringComparer.Ordinal)).Of(system));

    [Fact]
    public void Sees_fields_elements_and_what_is_shared()
    {
        Assert.Equal(Of(new Node()), Of(new Node()));
        Assert.NotEqual(Of(new Node()), Of(new Node { Number = 1 }));
        Assert.Equal(Of(new Node(), "Node.Number"), Of(new Node { Number = 1 }, "Node.Number"));
        var flagged = new Node();
        flagged.Flags[2] = true;
        Assert.NotEqual(Of(new Node()), Of(flagged));
        var listed = new Node();
        listed.Items.Add((0, 1));
        Assert.NotEqual(Of(new Node()), Of(listed));
        var cycle = new Node();
        cycle.Next = cycle;
        Assert.NotEqual(Of(cycle), Of(new Node { Next = new Node() }));
    }

    [Fact]
    public void Does_not_see_how_a_collection_came_about()
    {
        var node = new Node();
        node.Items.Add((1, 2));
        node.Items.Clear();
        Assert.Equal(Of(new Node()), Of(node));
    }

    [Fact]
    public void Sees_more_of_the_implementation_than_it_shows()
    {
        // The freed page keeps its token: no observation has it.
        string one = Of(After(7));
        Assert.Equal(one, Of(After(7)));
        Assert.NotEqual(one, Of(After(8)));

        static IMemorySystem After(int token)
        {
            IMemorySystem memory = OptimizedMemory.Create(SmallWorlds.Core.Machine);
            memory.Apply(Operation.Mmap(0, 0, 8));
            memory.Apply(Operation.Write(0, 0, token));
            memory.Apply(Operation.Madvise(0, 0, 8, Advice.DontNeed));
            return memory;
        }
    }

    /// <summary>A field that was renamed would count again, and no test would fail but this one.</summary>
    [Fact]
    public void What_is_left_out_of_the_implementation_is_there()
    {
        IEnumerable<string> fields = typeof(OptimizedMemory).Assembly.GetTypes().SelectMany(type =>
            type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
                .Select(field => $"{type.Name.Split('`')[0]}.{(field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>')] : field.Name)}"));
        Assert.Empty(ImplementationState.Ignored.Except(fields));
    }
}
