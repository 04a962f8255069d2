using System.CommandLine;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Review;
using HoverFast.Slides;

namespace HoverFast.Cli.Screens;

/// <summary>Problems in words. The library tells what is wrong; which option helps is told here.</summary>
internal static class ProblemText
{
    private static readonly (string Option, string Way)[] _waysToGiveMpp =
    [
        ("--mpp", "with --mpp (for example --mpp 0.25)"),
        ("--mpp-table", "per slide with --mpp-table FILE.csv (lines: file name, mpp)"),
        ("--assume-magnification", "as the objective's power with --assume-magnification (for example 40)"),
    ];

    private static readonly AsyncLocal<Command?> _running = new();

    /// <summary>The command that runs: of the options that help, only those are told that it takes.</summary>
    public static Command? Running
    {
        get => _running.Value;
        set => _running.Value = value;
    }

    /// <summary>Whether an error is the user's or the machine's to mend, and none of ours.</summary>
    public static bool IsExpected(Exception error) =>
        error is SlideException or ModelException or ReviewException or IOException or UnauthorizedAccessException or InvalidDataException
        || MachineProblem.Of(error) is not null;

    /// <summary>An error in one sentence or two. What nobody foresaw says where it comes from.</summary>
    public static string Of(Exception error)
    {
        MachineProblem.Release();
        return error switch
        {
            SlideException { Kind: SlideProblem.PixelSize } => $"{error.Message} {GiveMpp()}",
            SlideException or ModelException or ReviewException => error.Message,
            _ when MachineProblem.Of(error) is { } text => text,
            _ when IsExpected(error) => error.Message,
            _ => $"this is a fault of hoverfast itself. Please report it with these lines: {error}",
        };
    }

    /// <summary>An error of one input; the file is named.</summary>
    public static string Of(SlideInput input, Exception error) => error is SlideException ? Of(error) : $"{input.Path}: {Of(error)}";

    /// <summary>What an input that failed can be helped with, beyond the error's own text; or null.</summary>
    public static string? Advice(SlideOutcome outcome, bool skipCorrupt) =>
        outcome.Error is SlideException { Region: not null } && !skipCorrupt
            ? "--skip-corrupt takes what is damaged as blank, lists it in the manifest and goes on."
        : outcome.CanGoOn ? "its finished tiles are kept; the same command goes on from them."
        : null;

    /// <summary>A warning with the option that helps.</summary>
    public static string Of(SlideWarning warning) =>
        warning.Kind switch
        {
            SlideWarningKind.PixelSize => $"{warning.Text} Give the right one with --mpp{(Takes("--mpp") ? "" : " of 'hoverfast segment'")}.",
            SlideWarningKind.PixelSizeOverridden => $"{warning.Text} Leave --mpp out to take the file's.",
            SlideWarningKind.OtherTissue => $"{warning.Text} --weights adapted or start decides for all slides.",
            _ => warning.Text,
        };

    private static string GiveMpp()
    {
        string[] ways = [.. _waysToGiveMpp.Where(w => Takes(w.Option)).Select(w => w.Way)];
        return $"Give it {(ways.Length > 0 ? string.Join(", or ", ways) : $"to 'hoverfast segment', {_waysToGiveMpp[0].Way}")}.";
    }

    private static bool Takes(string option) => _running.Value is not { } command || command.Options.Any(o => o.Name == option);
}
