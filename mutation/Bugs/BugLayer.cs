namespace FolioCheck.Mutation;

/// <summary>What a bug is planted in.</summary>
public enum BugLayer
{
    /// <summary>The optimized implementation.</summary>
    Implementation,

    /// <summary>The reference: checks must not trust it blindly.</summary>
    Reference,
}
