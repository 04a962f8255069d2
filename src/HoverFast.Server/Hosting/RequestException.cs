namespace HoverFast.Server.Hosting;

/// <summary>A request that can't be met, with the answer that says why.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="message">One sentence for the user; it holds no path.</param>
internal sealed class RequestException(int status, string message) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Status => status;

    /// <summary>There is nothing of that name.</summary>
    public static RequestException NotFound(string what) => new(StatusCodes.Status404NotFound, $"There is no such {what}.");

    /// <summary>Something that the server depends on is away.</summary>
    public static RequestException Unavailable(string message) => new(StatusCodes.Status503ServiceUnavailable, message);

    /// <summary>The request makes no sense.</summary>
    public static RequestException Invalid(string message) => new(StatusCodes.Status400BadRequest, message);
}
