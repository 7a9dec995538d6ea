namespace FolioCheck.Kernel;

/// <summary>The state of a record.</summary>
internal static class StateParser
{
    private const int LargestOrder = 9;

    public static RecordedState Parse(JsonMembers members)
    {
        var state = new RecordedState(members["procs"].List(Process), members["folios"].List(Folio));
        members.End();
        return state;
    }

    private static RecordedProcess Process(JsonValue value)
    {
        JsonMembers members = value.Object();
        var process = new RecordedProcess(members["slot"].Small(), members["vmas"].List(Vma));
        members.End();
        return process;
    }

    private static RecordedVma Vma(JsonValue value)
    {
        JsonMembers members = value.Object();
        var vma = new RecordedVma
        {
            Start = members["a"].Whole(),
            Length = members["n"].Whole(1),
            Permissions = Permissions(members["perm"]),
            Flags = string.Join(' ', members["fl"].WordList(TranscriptFormat.VmaFlags)),
            Smaps = members["sm"].Map(TranscriptFormat.SmapsFields.Contains, amount => amount.Whole(1)),
            Runs = members["pg"].List(Run),
        };
        members.End();
        return vma;
    }

    private static string Permissions(JsonValue value)
    {
        string text = value.Text();
        bool known = text.Length == 4 && text[0] is 'r' or '-' && text[1] is 'w' or '-' && text[2] is 'x' or '-' && text[3] is 'p' or 's';
        return known ? text : throw value.Error($"has the unknown access rights \"{text}\"");
    }

    private static RecordedRun Run(JsonValue value)
    {
        JsonValue[] fields = value.Tuple(6);
        string kind = fields[2].Text();
        if (kind.Length != 1 || !TranscriptFormat.RunKinds.Contains(kind[0], StringComparison.Ordinal))
            throw value.Error($"has the unknown kind \"{kind}\"");
        string flags = fields[5].Text();
        if (!TranscriptFormat.AreRunFlags(flags))
            throw value.Error($"has the unknown flags \"{flags}\"");
        return new RecordedRun(fields[0].Whole(0), fields[1].Whole(1), kind[0], RunFolio(kind[0], fields[3]), fields[4].Whole(0), flags);
    }

    private static int RunFolio(char kind, JsonValue value)
    {
        if (kind != 'Z')
            return value.Small();
        return value.IsText && value.Text() == "z" ? RecordedRun.ZeroPage : throw value.Error("is not \"z\", the zero page");
    }

    private static RecordedFolio Folio(JsonValue value)
    {
        JsonMembers members = value.Object();
        int order = members["o"].Small(0, LargestOrder);
        var folio = new RecordedFolio
        {
            Id = members["id"].Small(),
            Order = order,
            Type = members["t"].Word(TranscriptFormat.FolioTypes),
            Aligned = members["al"].Flag(),
            Mapcounts = members["mc"].List(CountRun),
            KernelFlags = members["kf"].WordList(TranscriptFormat.KernelFlags),
            References = members["rc"].Whole(),
            Tokens = members["tok"].List(TokenRun),
            Large = order == 0 ? null : Large(members, order),
        };
        members.End();
        return folio;
    }

    private static LargeFolioFields Large(JsonMembers members, int order) => new()
    {
        Mapcount = members["lmc"].Whole(),
        EntireMapcount = members["emc"].Whole(),
        NrPagesMapped = members["npm"].Whole(),
        Tracked = members["mm"].List(TrackedMm),
        MaybeMappedShared = members["sh"].Flag(),
        Pins = members["pin"].Whole(),
        PartiallyMapped = members["pm"].Flag(),
        Queued = order == 1 ? null : members["dq"].Flag(),
    };

    private static CountRun CountRun(JsonValue value)
    {
        JsonValue[] fields = value.Tuple(2);
        return new CountRun(fields[0].Whole(0), fields[1].Small(1));
    }

    private static TokenRun TokenRun(JsonValue value)
    {
        JsonValue[] fields = value.Tuple(3);
        return new TokenRun(fields[0].Whole(0, uint.MaxValue), fields[1].Small(1), fields[2].Small(0, 1));
    }

    private static TrackedMm TrackedMm(JsonValue value)
    {
        JsonValue[] fields = value.Tuple(2);
        string process = fields[0].Text();
        bool known = process == "dead" || (process.Length > 0 && process.All(char.IsAsciiDigit));
        return known ? new TrackedMm(process, fields[1].Whole()) : throw value.Error($"tracks the unknown process \"{process}\"");
    }
}
