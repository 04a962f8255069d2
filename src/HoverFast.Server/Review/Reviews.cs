using HoverFast.Review;
using HoverFast.Review.Edits;
using HoverFast.Review.Models;
using HoverFast.Server.Hosting;
using HoverFast.Server.Slides;

namespace HoverFast.Server.Review;

/// <summary>The review of the server's results, opened anew when results have come. Problems become answers.</summary>
internal sealed class Reviews(ServerOptions options, SlideCatalogue catalogue)
{
    private readonly Lock _gate = new();
    private (string Stamp, ReviewFolder Folder)? _open;

    /// <summary>Where the slides lie: in the folders given, as the list of slides has them.</summary>
    public SlidePlaces Places => new((result, file) =>
        catalogue.All.FirstOrDefault(e => e.Name == result && e.Manifest?.Slide.File == file)?.Path, "the folders given");

    /// <summary>Asks the review.</summary>
    /// <exception cref="RequestException">It can't do that; the answer says why, without paths.</exception>
    public T Answer<T>(Func<ReviewFolder, T> ask) => Answer(options, () => ask(Open()));

    /// <summary>Turns problems of reviews and models into answers.</summary>
    public static T Answer<T>(ServerOptions options, Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception e) when (e is ReviewConflictException or ModelConflictException)
        {
            throw new RequestException(StatusCodes.Status409Conflict, e.Message);
        }
        catch (ReviewException e)
        {
            throw new RequestException(StatusCodes.Status422UnprocessableEntity, WithoutPaths(options, e.Message));
        }
        catch (IOException e) when (e.GetType().Name == "BrokenLogException")
        {
            throw new RequestException(StatusCodes.Status409Conflict, WithoutPaths(options, e.Message));
        }
    }

    private static string WithoutPaths(ServerOptions options, string message) =>
        message.Replace(options.Results + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
            .Replace(options.Results + ": ", "", StringComparison.Ordinal);

    private ReviewFolder Open()
    {
        var stamp = string.Join('\n', catalogue.All.Where(e => e.Manifest is not null).Select(e => $"{e.Name} {e.Manifest!.Key}"));
        lock (_gate)
        {
            if (_open is not { } open || open.Stamp != stamp)
            {
                _open = open = (stamp, ReviewFolder.Open(options.Results));
            }

            return open.Folder;
        }
    }
}
