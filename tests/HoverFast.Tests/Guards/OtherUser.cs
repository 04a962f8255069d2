using Xunit;

namespace HoverFast.Tests.Guards;

/// <summary>The program as a user runs it who may not read everything, as root may: where the tests are root's, another user.</summary>
internal static class OtherUser
{
    private static readonly string[] _hoverFast = ["dotnet", Path.Combine(AppContext.BaseDirectory, "hoverfast.dll")];

    /// <summary>The command line that runs the program so; the calling test is skipped where this machine can't.</summary>
    /// <param name="home">A folder that stands for the user's home; it is given free to all.</param>
    /// <param name="args">The program's arguments.</param>
    public static async Task<string[]> CommandAsync(string home, params string[] args)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux's users");
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return [.. _hoverFast, .. args];
        }

        Free(home);
        string[] asOther = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=" + home];
        var readable = await ChildProcess.RunAsync("/bin/sh", ["-c", "exec \"$@\"", "sh", .. asOther, "test", "-r", _hoverFast[1]]);
        Assert.SkipUnless(readable.ExitCode == 0, "needs setpriv, and a build that other users may read");
        return [.. asOther, .. _hoverFast, .. args];
    }

    /// <summary>Runs the program so.</summary>
    public static async Task<ChildProcess.Ended> HoverFastAsync(string home, params string[] args)
    {
        var command = await CommandAsync(home, args);
        return await ChildProcess.RunAsync(command[0], command[1..]);
    }

    /// <summary>Lets everybody read and write in a folder.</summary>
    public static void Free(string folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            File.SetUnixFileMode(folder, All | (UnixFileMode)((int)All >> 3) | (UnixFileMode)((int)All >> 6));
        }
    }
}
