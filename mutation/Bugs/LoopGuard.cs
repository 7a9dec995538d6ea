using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FolioCheck.Mutation;

/// <summary>
/// Lets loops throw that a bug made endless: every loop counts its turns, and an operation, or the look at a state, has two million of them. A clock would end
/// them, too, but not always at the same place, and a thread cannot be stopped from outside.
/// </summary>
internal sealed class LoopGuard : CSharpSyntaxRewriter
{
    /// <summary>A file that goes with all guarded ones.</summary>
    public const string Counter = """
        internal static class LoopTurns
        {
            [System.ThreadStatic]
            private static int _taken;

            public static void Begin() => _taken = 0;

            public static void Take()
            {
                if (++_taken < 2_000_000)
                    return;
                _taken = 0;
                throw new System.InvalidOperationException("a loop does not end");
            }
        }
        """;

    private static readonly StatementSyntax _take = SyntaxFactory.ParseStatement("global::LoopTurns.Take();");
    private static readonly StatementSyntax _begin = SyntaxFactory.ParseStatement("global::LoopTurns.Begin();");

    /// <summary>The file with its loops guarded; lines stay where they are.</summary>
    public static SyntaxTree Guard(SyntaxTree tree) => tree.WithRootAndOptions(new LoopGuard().Visit(tree.GetRoot()), tree.Options);

    /// <inheritdoc/>
    public override SyntaxNode? VisitMethodDeclaration(MethodDeclarationSyntax node)
    {
        var visited = (MethodDeclarationSyntax)base.VisitMethodDeclaration(node)!;
        return visited.Body is BlockSyntax body && node.Identifier.Text is ("Apply" or "Observe")
            ? visited.WithBody(body.WithStatements(body.Statements.Insert(0, _begin)))
            : visited;
    }

    /// <inheritdoc/>
    public override SyntaxNode? VisitWhileStatement(WhileStatementSyntax node)
    {
        var visited = (WhileStatementSyntax)base.VisitWhileStatement(node)!;
        return visited.WithStatement(Counted(visited.Statement));
    }

    /// <inheritdoc/>
    public override SyntaxNode? VisitDoStatement(DoStatementSyntax node)
    {
        var visited = (DoStatementSyntax)base.VisitDoStatement(node)!;
        return visited.WithStatement(Counted(visited.Statement));
    }

    /// <inheritdoc/>
    public override SyntaxNode? VisitForStatement(ForStatementSyntax node)
    {
        var visited = (ForStatementSyntax)base.VisitForStatement(node)!;
        return visited.WithStatement(Counted(visited.Statement));
    }

    /// <inheritdoc/>
    public override SyntaxNode? VisitForEachStatement(ForEachStatementSyntax node)
    {
        var visited = (ForEachStatementSyntax)base.VisitForEachStatement(node)!;
        return visited.WithStatement(Counted(visited.Statement));
    }

    private static BlockSyntax Counted(StatementSyntax body) => SyntaxFactory.Block(_take, body);
}
