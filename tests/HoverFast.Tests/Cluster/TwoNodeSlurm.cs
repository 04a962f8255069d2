using System.Globalization;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Cluster;

/// <summary>A real Slurm of two nodes on this machine, for one test (Debian's slurm-wlm and munge).</summary>
internal sealed class TwoNodeSlurm : IDisposable
{
    private static readonly string _starter = Path.Combine(Repository.Root, "tests", "HoverFast.Tests", "Cluster", "two-node-slurm");
    private readonly TemporaryFolder _folder = new();
    private readonly FileStream _turn;

    private TwoNodeSlurm(FileStream turn) => _turn = turn;

    /// <summary>What Slurm's commands need to find it.</summary>
    public Dictionary<string, string> Environment => new(StringComparer.Ordinal) { ["SLURM_CONF"] = _folder.File("slurm.conf") };

    /// <summary>Starts it, or skips the calling test where the machine has no Slurm.</summary>
    public static async Task<TwoNodeSlurm> StartAsync()
    {
        Assert.SkipUnless(
            File.Exists("/usr/sbin/slurmctld") && File.Exists("/usr/sbin/munged") && System.Environment.IsPrivilegedProcess,
            "needs Slurm and root's rights (on Debian: apt-get install slurm-wlm munge)");
        var slurm = new TwoNodeSlurm(await TurnAsync());

        // The two ports after it are the nodes'.
        var port = FreePort.FindRow(3);
        var started = await ChildProcess.RunAsync(
            "/bin/bash",
            [_starter, "start", slurm._folder.Path, port.ToString(CultureInfo.InvariantCulture)]);
        if (started.ExitCode != 0)
        {
            slurm.Dispose();
            Assert.Fail("Slurm does not start: " + started.Error);
        }

        return slurm;
    }

    /// <summary>Runs the program where Slurm's commands are.</summary>
    public Task<ChildProcess.Ended> HoverFastAsync(params string[] args) => ChildProcess.HoverFastAsync(Environment, args);

    /// <summary>Runs one of Slurm's commands.</summary>
    public async Task<string> RunAsync(string program, params string[] args)
    {
        var ended = await ChildProcess.RunAsync(program, args, Environment);
        return ended.ExitCode == 0 ? ended.Output : throw new IOException($"{program} {string.Join(' ', args)}: {ended.Error}");
    }

    /// <summary>Ends a node at once.</summary>
    public async Task LoseAsync(string node)
    {
        var ended = await ChildProcess.RunAsync("/bin/bash", [_starter, "lose", _folder.Path, node]);
        Assert.True(ended.ExitCode == 0, ended.Error);
    }

    /// <summary>Waits until no job is queued or runs.</summary>
    public async Task IdleAsync(CancellationToken cancellation)
    {
        while ((await RunAsync("squeue", "--noheader")).Trim().Length > 0)
        {
            await Task.Delay(500, cancellation);
        }
    }

    public void Dispose()
    {
        using var stop = System.Diagnostics.Process.Start("/bin/bash", [_starter, "stop", _folder.Path]);
        stop.WaitForExit();
        _folder.Dispose();
        _turn.Dispose();
    }

    /// <summary>One at a time on a machine, whatever programs of tests run at once: they share munge, and the processors.</summary>
    private static async Task<FileStream> TurnAsync()
    {
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(Path.GetTempPath(), "hoverfast-two-node-slurm.lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(500, TestContext.Current.CancellationToken);
            }
        }
    }
}
