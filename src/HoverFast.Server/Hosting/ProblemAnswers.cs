using HoverFast.Slides;
using Microsoft.Net.Http.Headers;

namespace HoverFast.Server.Hosting;

/// <summary>Turns what goes wrong in a request into an answer of one sentence; what nobody foresaw goes to the server's own log, not to the client.</summary>
internal sealed class ProblemAnswers(RequestDelegate next, ILogger<ProblemAnswers> logger)
{
    /// <summary>Runs the request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        SecurityHeaders.Add(context);
        if (!HasKnownEncoding(context.Request))
        {
            await Answers.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "The request is in an encoding that nobody knows.");
            return;
        }

        try
        {
            await next(context);
        }
        catch (RequestException e)
        {
            await Answers.WriteAsync(context, e.Status, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            await Answers.WriteAsync(
                context,
                e.StatusCode,
                e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The request is too large." : "The request makes no sense.");
        }
        catch (SlideException e)
        {
            await Answers.WriteAsync(context, StatusCodes.Status422UnprocessableEntity, $"{Path.GetFileName(e.Path)}: {e.Problem}");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The browser went on to another place.
        }
#pragma warning disable CA1031 // The last net: the client must see no trace of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.LogError(e, "{Method} {Path}", context.Request.Method, context.Request.Path);
            await Answers.WriteAsync(context, StatusCodes.Status500InternalServerError, "The server failed at this; its log tells more.");
        }
    }

    // Who reads a body would take an encoding that it does not know for a fault of the program.
    private static bool HasKnownEncoding(HttpRequest request)
    {
        try
        {
            return !MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.Charset.HasValue || type.Encoding is not null;
        }
        catch (NotSupportedException)
        {
            // UTF-7.
            return false;
        }
    }
}
