namespace FolioCheck.Properties;

/// <summary>Stores 1 instead of a larger token.</summary>
internal static class TokensPass
{
    public static void Run(ShrinkSearch search)
    {
        for (int i = 0; i < search.Operations.Count; i++)
        {
            if (OperandKinds.HasToken(search.Operations[i].Kind) && search.Operations[i].Value > 1)
                search.TryInPlace(i, search.Operations[i] with { Value = 1 });
        }
    }
}
