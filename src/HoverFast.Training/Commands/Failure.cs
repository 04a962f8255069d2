using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Training.Commands;

/// <summary>Turns failures that the user can mend into one line and an exit code.</summary>
internal static class Failure
{
    /// <summary>0 when the work is done, 1 when it failed, 130 when it was cancelled.</summary>
    public static int Guard(Action work)
    {
        try
        {
            work();
            return 0;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped. The same command goes on from the last checkpoint.");
            return 130;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or InvalidOperationException or UnauthorizedAccessException or SlideException or ModelException)
        {
            Console.Error.WriteLine("error: " + e.Message);
            return 1;
        }
    }
}
