using System.Globalization;

namespace HoverFast.Cli.Screens;

/// <summary>How long work still takes, in words.</summary>
internal static class TimeLeft
{
    /// <summary>Hours, minutes and seconds; a run may take more than a day.</summary>
    public static string Text(TimeSpan left) => string.Create(CultureInfo.InvariantCulture, $"{(long)left.TotalHours}:{left:mm\\:ss}");
}
