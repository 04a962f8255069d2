using Spectre.Console;

namespace HoverFast.Cli.Screens;

/// <summary>The console: tables and colours on a terminal, plain lines elsewhere.</summary>
internal static class Screen
{
    /// <summary>Standard output.</summary>
    public static IAnsiConsole Out { get; } = MakeOut();

    private static IAnsiConsole MakeOut()
    {
        var screen = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
        {
            // A log file has no width to keep to.
            screen.Profile.Width = 160;
        }

        return screen;
    }
}
