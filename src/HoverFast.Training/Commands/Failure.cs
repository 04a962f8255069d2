using HoverFast.Cli;
using HoverFast.Model;
using HoverFast.Model.Checkpoints;
using HoverFast.Review;
using HoverFast.Slides;

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
        catch (Exception e) when (IsUsers(e))
        {
            Console.Error.WriteLine("error: " + e.Message);
            return ExitCode.CannotStart;
        }
    }

    // A bug of ours (ArgumentException, NullReferenceException ...) is not reported as the user's mistake.
    private static bool IsUsers(Exception e) =>
        e
            is TrainingException
                or ReviewException
                or SlideException
                or ModelException
                or CheckpointException
                or IOException
                or InvalidDataException
                or UnauthorizedAccessException;
}
