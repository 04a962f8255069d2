using System.Runtime.InteropServices;
using HoverFast.Cli;
using HoverFast.Model;
using HoverFast.Model.Checkpoints;
using HoverFast.Review;
using HoverFast.Slides;
using HoverFast.Training.Torch;

namespace HoverFast.Training.Commands;

/// <summary>Turns failures that the user can mend into one line and an exit code: the codes of <c>hoverfast</c> itself (<see cref="ExitCode"/>).</summary>
internal static class Failure
{
    /// <summary>Runs work that is all or nothing.</summary>
    /// <param name="work">The work.</param>
    /// <param name="goOn">What the user does to go on after Ctrl-C, or null where the same command does so.</param>
    public static int Guard(Action work, string? goOn = null) => Guard(
        () =>
        {
            work();
            return ExitCode.Success;
        },
        goOn);

    /// <summary>Runs work that gives its own exit code when some of its inputs failed.</summary>
    /// <param name="work">The work.</param>
    /// <param name="goOn">What the user does to go on after Ctrl-C, or null where the same command does so.</param>
    public static int Guard(Func<int> work, string? goOn = null)
    {
        try
        {
            return work();
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped. " + (goOn ?? "The same command goes on from here."));
            return ExitCode.Cancelled;
        }
        catch (Exception e) when (Told(e) is not null)
        {
            Console.Error.WriteLine("error: " + Told(e));
            return ExitCode.CannotStart;
        }
    }

    /// <summary>
    /// What the user is told of a failure; null for a bug of ours (ArgumentException, NullReferenceException ...), which is not reported as the user's mistake.
    /// </summary>
    public static string? Told(Exception e) => e switch
    {
        TrainingException or ReviewException or SlideException or ModelException or CheckpointException => e.Message,
        IOException or InvalidDataException or UnauthorizedAccessException => e.Message,

        // libtorch's own, outside the steps of a run: too little memory most of all.
        ExternalException => $"libtorch: {LibTorch.FirstLine(e)} The same command goes on from here; if it ends here again, take smaller tiles.",
        _ => null,
    };
}
