namespace HoverFast.Cli;

/// <summary>What the process returns; scripts may rely on it.</summary>
internal static class ExitCode
{
    /// <summary>All inputs are done.</summary>
    public const int Success = 0;

    /// <summary>Some inputs failed; the others are done.</summary>
    public const int SomeFailed = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>Nothing could be started: no model, no input, no place to write.</summary>
    public const int CannotStart = 3;

    /// <summary>Stopped by the user (Ctrl-C); the same command goes on from there.</summary>
    public const int Cancelled = 130;

    /// <summary>Stopped by SIGTERM, as schedulers do at a time limit or when they want the machine; the same command goes on from there.</summary>
    public const int Terminated = 143;

    /// <summary>A fault of the program itself (EX_SOFTWARE of sysexits.h).</summary>
    public const int Fault = 70;

    /// <summary>The table for help texts.</summary>
    public const string Help =
        "Exit codes: 0 all done, 1 some inputs failed, 2 wrong usage, 3 could not start, 70 a fault of the program, 130 stopped, 143 stopped by SIGTERM (run again to go on).";
}
