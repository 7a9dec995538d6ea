using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>Something that a kernel may or may not be able to do here.</summary>
/// <param name="Name">What.</param>
/// <param name="Missing">Why it cannot be done; null where it can.</param>
public sealed record Feature(string Name, string? Missing);

/// <summary>What this machine can do, found out by trying. What cannot be done turns off just that.</summary>
internal sealed class Features
{
    private readonly List<Feature> _all = [];
    private readonly HashSet<OperationKind> _missing =
    [
        OperationKind.FailAllocation, OperationKind.PinRead, OperationKind.Khugepaged, OperationKind.NumaHint, OperationKind.DetectAccess,
        OperationKind.SplitFolio, OperationKind.MmapFile,
    ];
    private readonly HashSet<Advice> _missingAdvice = [];

    private Features()
    {
    }

    /// <summary>Everything that was tried.</summary>
    public IReadOnlyList<Feature> All => _all;

    /// <summary>Kinds of operation that cannot be done, in the words of statistics.</summary>
    public IEnumerable<string> MissingKinds =>
        _missing.Select(kind => OperationText.KindName(new Operation(kind, 0, 0, 0, 0, 0)))
            .Concat(_missingAdvice.Select(advice => OperationText.KindName(Operation.Madvise(0, 0, 0, advice))));

    /// <summary>Tries everything with a fresh process 0.</summary>
    public static Features Probe(Agents agents, KernelView? kernel, string? whyOutside)
    {
        var features = new Features();
        features._all.Add(new Feature("inside view (bpf, BTF)", kernel is null ? whyOutside : null));
        agents.Begin();
        features.Try(agents, "write-protecting userfaultfd", [OperationKind.UffdRegister, OperationKind.UffdUnregister, OperationKind.UffdWriteProtect],
            new AgentRequest(AgentCall.UffdRegister, 0, Arena.Base, 4096));
        features.Try(agents, "pins (io_uring registered buffers)", [OperationKind.Pin, OperationKind.Unpin], new AgentRequest(AgentCall.Pin, 0, Arena.Base, 4096), new AgentRequest(AgentCall.Unpin, 0));
        features.Try(agents, "references (vmsplice)", [OperationKind.Get, OperationKind.Put], new AgentRequest(AgentCall.Get, 0, Arena.Base, 4096), new AgentRequest(AgentCall.Put, 0));
        features.Try(agents, "THP disabled for a process, except advised", [OperationKind.ThpDisable],
            new AgentRequest(AgentCall.ThpDisable, 0, (ulong)Vocabulary.ThpDisable.ExceptAdvised), new AgentRequest(AgentCall.ThpDisable, 0));
        features.Try(agents, "mlock", [OperationKind.Mlock, OperationKind.MlockOnFault, OperationKind.Munlock], new AgentRequest(AgentCall.Mlock, 0, Arena.Base, 4096), new AgentRequest(AgentCall.Munlock, 0, Arena.Base, 4096));
        features.TryAdvice(agents, "guard markers", [Advice.GuardInstall, Advice.GuardRemove]);
        features.TryCollapse(agents);
        features.TryAdvice(agents, "DONTNEED_LOCKED", [Advice.DontNeedLocked]);
        features.TryAdvice(agents, "POPULATE", [Advice.PopulateRead, Advice.PopulateWrite]);
        agents.EndAll();
        features.Note("shrinkers (drop_caches)", HugeZeroPage.CanRunShrinkers ? null : "drop_caches is missing", OperationKind.ShrinkDeferred, OperationKind.ShrinkHugeZero);
        features._all.Add(new Feature("folio splits on demand", "the file of debugfs that does them is not used: a kernel that is locked down refuses it"));
        features._all.Add(new Feature("khugepaged", "it sleeps during a run: nobody can tell it what to look at"));
        features._all.Add(new Feature("NUMA hints", "only the balancing between nodes makes them"));
        features._all.Add(new Feature("pins for reading", "no program can take one without RDMA or VFIO hardware, or CONFIG_GUP_TEST"));
        features._all.Add(new Feature("failing allocations", "the kernel's fault injection is not used"));
        return features;
    }

    /// <summary>Whether an operation can be done.</summary>
    public bool Has(in Operation operation) =>
        !_missing.Contains(operation.Kind) && !(operation.Kind == OperationKind.Madvise && _missingAdvice.Contains(operation.Advice));

    private void Note(string name, string? whyNot, params OperationKind[] kinds)
    {
        _all.Add(new Feature(name, whyNot));
        if (whyNot is not null)
            _missing.UnionWith(kinds);
    }

    private void Try(Agents agents, string name, OperationKind[] kinds, params AgentRequest[] requests)
    {
        string? reason = WhyNot(agents, requests);
        _all.Add(new Feature(name, reason));
        if (reason is not null)
            _missing.UnionWith(kinds);
    }

    private void TryAdvice(Agents agents, string name, Advice[] advices)
    {
        string? reason = WhyNot(agents, [.. advices.Select(advice => new AgentRequest(AgentCall.Madvise, 0, Arena.Base, 4096, (ulong)AgentOperations.Number(advice)))]);
        _all.Add(new Feature(name, reason));
        if (reason is not null)
            _missingAdvice.UnionWith(advices);
    }

    /// <summary>A single page cannot be collapsed: a kernel that knows the advice says the same as one that does not. So whole tables are asked for.</summary>
    private void TryCollapse(Agents agents)
    {
        const ulong Table = 2 << 20;
        agents.Call(0, new AgentRequest(AgentCall.Mmap, 0, Arena.Base, Table, 3));
        agents.Call(0, new AgentRequest(AgentCall.Write, 0, Arena.Base, 1, 1));
        AgentReply reply = agents.Call(0, new AgentRequest(AgentCall.Madvise, 0, Arena.Base, Table, (ulong)AgentOperations.Number(Advice.Collapse)));
        bool can = reply.Answer == AgentAnswer.Done;
        _all.Add(new Feature("MADV_COLLAPSE", can ? null : System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage((int)reply.Number)));
        if (!can)
            _missingAdvice.Add(Advice.Collapse);
    }

    /// <summary>Does the requests on one fresh page of memory.</summary>
    private static string? WhyNot(Agents agents, AgentRequest[] requests)
    {
        agents.Call(0, new AgentRequest(AgentCall.Mmap, 0, Arena.Base, 4096, 3));
        foreach (AgentRequest request in requests)
        {
            AgentReply reply = agents.Call(0, request);
            if (reply.Answer != AgentAnswer.Done)
                return $"{request.Call}: " + System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage((int)reply.Number);
        }
        return null;
    }
}
