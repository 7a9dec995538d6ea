using System.Runtime.InteropServices;

namespace FolioCheck.Live;

/// <summary>What an agent can be told; the numbers are those of agent.c.</summary>
internal enum AgentCall : uint
{
    Mmap,
    Munmap,
    Madvise,
    Mprotect,
    Mremap,
    Mlock,
    Mlock2,
    Munlock,
    Read,
    Write,
    WriteRange,
    Get,
    Put,
    Pin,
    Unpin,
    UffdRegister,
    UffdUnregister,
    UffdWriteProtect,
    ThpDisable,
    Fork,
    Exit,
}

/// <summary>A request as it goes over the socket.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AgentRequest(AgentCall Call, uint Handle, ulong A = 0, ulong B = 0, ulong C = 0, ulong D = 0, ulong E = 0);

/// <summary>How a request ended.</summary>
internal enum AgentAnswer : uint
{
    Done,
    Errno,
    Signal,
    Refused,
}

/// <summary>A reply as it comes over the socket.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AgentReply(AgentAnswer Answer, uint Number, long Value);
