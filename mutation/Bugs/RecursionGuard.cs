using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FolioCheck.Mutation;

/// <summary>
/// Lets methods that can come to call themselves throw before the stack is used up: a bug can make a recursion endless, and a stack overflow would end the whole
/// process. Calls are followed by name alone, which guards some methods without need.
/// </summary>
/// <param name="calls">For each method name, the names that methods of this name call.</param>
internal sealed class RecursionGuard(ILookup<string, string> calls) : CSharpSyntaxRewriter
{
    /// <summary>A call at the end of a method becomes a jump, which uses no stack: it is counted as a turn of a loop.</summary>
    private static readonly StatementSyntax[] _guard =
    [
        SyntaxFactory.ParseStatement("global::System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();"),
        SyntaxFactory.ParseStatement("global::LoopTurns.Take();"),
    ];

    private readonly Dictionary<string, bool> _recursive = new(StringComparer.Ordinal);

    /// <summary>Which method names are called in the methods of some files.</summary>
    public static IEnumerable<(string Caller, string Called)> CallsIn(IEnumerable<SyntaxTree> trees) =>
        from tree in trees
        from method in tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()
        from call in method.DescendantNodes().OfType<InvocationExpressionSyntax>()
        select (method.Identifier.Text, NameOf(call.Expression));

    /// <summary>The file with its methods guarded; lines stay where they are.</summary>
    public static SyntaxTree Guard(SyntaxTree tree, IEnumerable<(string Caller, string Called)> calls)
    {
        var guard = new RecursionGuard(calls.Distinct().ToLookup(call => call.Caller, call => call.Called, StringComparer.Ordinal));
        return tree.WithRootAndOptions(guard.Visit(tree.GetRoot()), tree.Options);
    }

    /// <inheritdoc/>
    public override SyntaxNode? VisitMethodDeclaration(MethodDeclarationSyntax node)
    {
        if (!IsRecursive(node.Identifier.Text))
            return node;
        if (node.ExpressionBody is ArrowExpressionClauseSyntax arrow)
            return node.WithExpressionBody(null).WithSemicolonToken(default).WithBody(SyntaxFactory.Block(_guard.Append(Answer(node, arrow.Expression))));
        return node.Body is BlockSyntax body ? node.WithBody(body.WithStatements(body.Statements.InsertRange(0, _guard))) : node;
    }

    private static StatementSyntax Answer(MethodDeclarationSyntax method, ExpressionSyntax expression) =>
        method.ReturnType is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword }
            ? SyntaxFactory.ExpressionStatement(expression)
            : SyntaxFactory.ReturnStatement(SyntaxFactory.Token(SyntaxKind.ReturnKeyword).WithTrailingTrivia(SyntaxFactory.Space), expression, SyntaxFactory.Token(SyntaxKind.SemicolonToken));

    private bool IsRecursive(string name)
    {
        if (!_recursive.TryGetValue(name, out bool recursive))
            _recursive[name] = recursive = Reaches(name);
        return recursive;
    }

    private bool Reaches(string name)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var next = new Stack<string>(calls[name]);
        while (next.TryPop(out string? called))
        {
            if (called == name)
                return true;
            if (!seen.Add(called))
                continue;
            foreach (string further in calls[called])
                next.Push(further);
        }
        return false;
    }

    private static string NameOf(ExpressionSyntax called) => called switch
    {
        SimpleNameSyntax name => name.Identifier.Text,
        MemberAccessExpressionSyntax member => member.Name.Identifier.Text,
        MemberBindingExpressionSyntax member => member.Name.Identifier.Text,
        _ => "",
    };
}
