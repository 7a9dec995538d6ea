using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace FolioCheck.Live;

/// <summary>
/// The processes of a live run. One agent, the zygote, is started once and touches nothing of the arena; each scenario's process 0 is forked from
/// it, the others from each other. All are children of the thread that made this object (CLONE_PARENT), which alone may use it: it waits for
/// each exit, so that an exit is over, with its page tables gone, before anybody looks.
/// </summary>
internal sealed unsafe class Agents : IDisposable
{
    /// <summary>Process numbers that there are.</summary>
    public const int Slots = 16;

    private const int Zygote = Slots;
    private const int FirstDescriptor = 600;
    private const int ReplySeconds = 20;

    private readonly int[] _sockets = new int[Slots + 1];
    private readonly int[] _pids = new int[Slots + 1];

    /// <summary>Starts the zygote.</summary>
    public Agents(string program)
    {
        int* pair = stackalloc int[2];
        int[] theirs = new int[Slots + 1];
        for (int slot = 0; slot <= Slots; slot++)
        {
            if (Libc.socketpair(Libc.UnixSockets, Libc.SequencedPackets | Libc.CloseOnExec, 0, pair) < 0)
                throw new LiveException("no socket pair: " + Libc.LastError);
            (_sockets[slot], theirs[slot]) = (pair[0], pair[1]);
            LimitWaiting(pair[0]);
        }
        try
        {
            _pids[Zygote] = Spawn(program, theirs);
        }
        finally
        {
            foreach (int socket in theirs)
                Libc.close(socket);
        }
        Receive(Zygote);
    }

    /// <summary>Living process numbers, ascending.</summary>
    public IEnumerable<int> Living => Enumerable.Range(0, Slots).Where(IsAlive);

    /// <summary>Whether a process number is in use.</summary>
    public bool IsAlive(int slot) => slot is >= 0 and < Slots && _pids[slot] != 0;

    /// <summary>The kernel's number of a process.</summary>
    public int Pid(int slot) => _pids[slot];

    /// <summary>Makes a fresh process 0; all others are gone already.</summary>
    public void Begin() => ForkFrom(Zygote, 0);

    /// <summary>Tells a process to do something and waits until it is done.</summary>
    public AgentReply Call(int slot, AgentRequest request)
    {
        if (Libc.send(_sockets[slot], &request, (nuint)sizeof(AgentRequest), 0) < 0)
            throw new LiveException($"agent {slot} is gone: " + Libc.LastError);
        return Receive(slot);
    }

    /// <summary>Forks a process and takes note of the child.</summary>
    public AgentReply ForkFrom(int slot, int child)
    {
        AgentReply reply = Call(slot, new AgentRequest(AgentCall.Fork, 0, (ulong)child));
        if (reply.Answer != AgentAnswer.Done)
            return reply;
        Receive(child);
        _pids[child] = (int)reply.Value;
        return reply;
    }

    /// <summary>Ends a process and waits until nothing of it is left.</summary>
    public void Exit(int slot)
    {
        var request = new AgentRequest(AgentCall.Exit, 0);
        _ = Libc.send(_sockets[slot], &request, (nuint)sizeof(AgentRequest), 0);
        Reap(slot);
    }

    /// <summary>Ends every process but the zygote.</summary>
    public void EndAll()
    {
        foreach (int slot in Living.ToArray())
            Exit(slot);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        EndAll();
        if (_pids[Zygote] != 0)
            Exit(Zygote);
        foreach (int socket in _sockets)
            Libc.close(socket);
    }

    /// <summary>Only our own children are ever signalled: an agent that does not answer in time.</summary>
    private AgentReply Receive(int slot)
    {
        AgentReply reply;
        nint length;
        do
        {
            length = Libc.recv(_sockets[slot], &reply, (nuint)sizeof(AgentReply), 0);
        }
        while (length < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted);
        if (length == sizeof(AgentReply))
            return reply;
        string reason = length < 0 ? Libc.LastError : "it has ended";
        if (_pids[slot] != 0)
            Libc.kill(_pids[slot], Libc.Kill);
        throw new LiveException(string.Create(CultureInfo.InvariantCulture, $"agent {slot} did not answer: {reason}"));
    }

    private void Reap(int slot)
    {
        int status;
        while (Libc.waitpid(_pids[slot], &status, 0) < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted)
        {
        }
        _pids[slot] = 0;
    }

    private static void LimitWaiting(int socket)
    {
        const int SocketLevel = 1;
        const int ReceiveTimeout = 20;
        long* time = stackalloc long[2] { ReplySeconds, 0 };
        _ = Libc.setsockopt(socket, SocketLevel, ReceiveTimeout, time, 16);
    }

    private static int Spawn(string program, int[] sockets)
    {
        byte* actions = stackalloc byte[512];
        _ = Libc.posix_spawn_file_actions_init(actions);
        for (int slot = 0; slot < sockets.Length; slot++)
            _ = Libc.posix_spawn_file_actions_adddup2(actions, sockets[slot], FirstDescriptor + slot);
        byte[][] words =
        [
            Encoding.UTF8.GetBytes("agent\0"),
            Encoding.UTF8.GetBytes(FirstDescriptor.ToString(CultureInfo.InvariantCulture) + "\0"),
            Encoding.UTF8.GetBytes(Zygote.ToString(CultureInfo.InvariantCulture) + "\0"),
        ];
        byte** arguments = stackalloc byte*[4];
        byte** environment = stackalloc byte*[1];
        environment[0] = null;
        int pid;
        int error;
        fixed (byte* first = words[0], second = words[1], third = words[2])
        {
            arguments[0] = first;
            arguments[1] = second;
            arguments[2] = third;
            arguments[3] = null;
            error = Libc.posix_spawn(&pid, program, actions, null, arguments, environment);
        }
        _ = Libc.posix_spawn_file_actions_destroy(actions);
        return error == 0 ? pid : throw new LiveException("the agent cannot be started: " + Marshal.GetPInvokeErrorMessage(error));
    }
}
