using System.Globalization;

namespace FolioCheck.Vocabulary;

/// <summary>The kinds of <see cref="Outcome"/>.</summary>
public enum OutcomeKind
{
    /// <summary>The call succeeded; a read carries the token.</summary>
    Ok,

    /// <summary>The call failed with an <see cref="Errno"/>.</summary>
    Errno,

    /// <summary>The access was answered by SIGSEGV.</summary>
    SegmentationFault,

    /// <summary>The access was answered by SIGBUS: userfaultfd write-protects the page, or it lies beyond the end of the file. Carries the pages that the call had finished before.</summary>
    BusError,

    /// <summary>
    /// A page of order 0, or what fork needs, could not be allocated. A kernel would reclaim, wait or kill a process here;
    /// the models stop the call before that page. Not comparable with a kernel.
    /// </summary>
    OutOfMemory,

    /// <summary>The acting process does not exist, or the child's number is taken. Nobody can make this call on a kernel.</summary>
    NoProcess,

    /// <summary>The models do not have this operation on shared file mappings; nothing happened. Not comparable with a kernel.</summary>
    NotModelled,
}

/// <summary>Error numbers of calls; the values are Linux's.</summary>
public enum Errno
{
    /// <summary>ENOENT: no such setting.</summary>
    ENOENT = 2,

    /// <summary>EIO: no memory there that could be accessed by force.</summary>
    EIO = 5,

    /// <summary>EBADF: no such handle.</summary>
    EBADF = 9,

    /// <summary>EAGAIN: somebody else refers to a page that was to be collapsed or split.</summary>
    EAGAIN = 11,

    /// <summary>ENOMEM: part of the range is not mapped, or the address space or commit limit is exceeded.</summary>
    ENOMEM = 12,

    /// <summary>EFAULT: bad address.</summary>
    EFAULT = 14,

    /// <summary>EBUSY: memory watched by userfaultfd with nothing in some entry was to be collapsed.</summary>
    EBUSY = 16,

    /// <summary>EINVAL: argument or VMA is not fit for the call.</summary>
    EINVAL = 22,
}

/// <summary>What the caller of an <see cref="Operation"/> sees.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Value">
/// The token of a successful read; the errno; for <see cref="OutcomeKind.OutOfMemory"/> and <see cref="OutcomeKind.BusError"/> the pages that the call
/// had finished before.
/// </param>
public readonly record struct Outcome(OutcomeKind Kind, int Value)
{
    /// <summary>Success without a value.</summary>
    public static Outcome Ok => default;

    /// <summary>SIGSEGV.</summary>
    public static Outcome SegmentationFault => new(OutcomeKind.SegmentationFault, 0);

    /// <summary>SIGBUS after the call had finished some pages.</summary>
    public static Outcome BusError(int pagesDone) => new(OutcomeKind.BusError, pagesDone);

    /// <summary>No such process.</summary>
    public static Outcome NoProcess => new(OutcomeKind.NoProcess, 0);

    /// <summary>False where a kernel cannot be driven to, or would not answer, this outcome.</summary>
    public bool ComparableWithKernel => Kind is not (OutcomeKind.OutOfMemory or OutcomeKind.NoProcess or OutcomeKind.NotModelled);

    /// <summary>An operation that the models do not have on shared file mappings.</summary>
    public static Outcome NotModelled => new(OutcomeKind.NotModelled, 0);

    /// <summary>The token that a read returned.</summary>
    public static Outcome Token(int token) => new(OutcomeKind.Ok, token);

    /// <summary>A failed call.</summary>
    public static Outcome Error(Errno errno) => new(OutcomeKind.Errno, (int)errno);

    /// <summary>An allocation of order 0 failed after the call had finished some pages.</summary>
    public static Outcome OutOfMemory(int pagesDone) => new(OutcomeKind.OutOfMemory, pagesDone);

    /// <summary>The outcome in the words of scenario files: <c>ok</c>, <c>ok 42</c>, <c>ENOMEM</c>, <c>SIGSEGV</c>, ...</summary>
    public override string ToString() => Kind switch
    {
        OutcomeKind.Ok => Value == 0 ? "ok" : "ok " + Value.ToString(CultureInfo.InvariantCulture),
        OutcomeKind.Errno => ((Errno)Value).ToString(),
        OutcomeKind.SegmentationFault => "SIGSEGV",
        OutcomeKind.BusError => "SIGBUS " + Value.ToString(CultureInfo.InvariantCulture),
        OutcomeKind.OutOfMemory => "OOM " + Value.ToString(CultureInfo.InvariantCulture),
        OutcomeKind.NotModelled => "not modelled",
        _ => "no process",
    };
}
