namespace FolioCheck.Vocabulary;

/// <summary>What a process asked for with prctl(PR_SET_THP_DISABLE). Children inherit it.</summary>
public enum ThpDisable
{
    /// <summary>Policy alone decides.</summary>
    None,

    /// <summary>No large folio at all.</summary>
    All,

    /// <summary>PR_THP_DISABLE_EXCEPT_ADVISED: large folios only in VMAs marked MADV_HUGEPAGE.</summary>
    ExceptAdvised,
}
