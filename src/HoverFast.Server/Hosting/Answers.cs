namespace HoverFast.Server.Hosting;

/// <summary>Answers that tell of a problem: one sentence, never a path or a stack trace.</summary>
internal static class Answers
{
    /// <summary>Writes the answer, unless one has begun.</summary>
    public static Task WriteAsync(HttpContext context, int status, string message)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.Clear();
        SecurityHeaders.Add(context);
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { error = message });
    }
}
