using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Which operands an operation of a kind has.</summary>
internal static class OperandKinds
{
    /// <summary>Whether it is about a range, whose length it names.</summary>
    public static bool HasRange(OperationKind kind) => HasAddress(kind) && !IsOfOnePage(kind);

    /// <summary>Whether it names an address.</summary>
    public static bool HasAddress(OperationKind kind) => kind is not (OperationKind.Fork or OperationKind.Exit or OperationKind.SetThp
        or OperationKind.FailAllocation or OperationKind.Put or OperationKind.Unpin or OperationKind.ClearSoftDirty or OperationKind.ThpDisable);

    /// <summary>Whether it is about one page.</summary>
    public static bool IsOfOnePage(OperationKind kind) =>
        kind is OperationKind.Read or OperationKind.Write or OperationKind.ForceRead or OperationKind.ForceWrite;

    /// <summary>Whether it stores a token.</summary>
    public static bool HasToken(OperationKind kind) => kind is OperationKind.Write or OperationKind.WriteRange or OperationKind.ForceWrite;

    /// <summary>Whether it names references that are held.</summary>
    public static bool NamesHandle(OperationKind kind) =>
        kind is OperationKind.Get or OperationKind.Put or OperationKind.Pin or OperationKind.PinRead or OperationKind.Unpin;
}
