using System.Security.Claims;
using System.Text.Json;
using HoverFast.Jobs;
using HoverFast.Server.Accounts;
using HoverFast.Server.Hosting;
using HoverFast.Server.Slides;
using HoverFast.Slides;

namespace HoverFast.Server.Jobs;

/// <summary>Segmenting from the page: estimate, start, watch, cancel.</summary>
internal sealed class JobEndpoints(
    SlideCatalogue catalogue,
    JobStore jobs,
    IJobRunner runner,
    SlideSegmenters segmenters,
    AccountStore accounts,
    ServerOptions options,
    ActionLog log,
    IHostApplicationLifetime life
) : IEndpointGroup, IDisposable
{
    private const int Shown = 100;
    private const int MostSlides = 1000;
    private static readonly TimeSpan _looks = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan _beats = TimeSpan.FromSeconds(15);
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>Ids of slides.</summary>
    internal sealed record Choice(string[]? Slides);

    /// <inheritdoc/>
    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/jobs", List).Needs(Role.Look);
        api.MapGet("/jobs/events", Watch).Needs(Role.Look).RequireRateLimiting(ClientLimits.Watching);
        api.MapPost("/jobs/estimate", Estimate).Needs(Role.Run).RequireRateLimiting(ClientLimits.Work);
        api.MapPost("/jobs", Start).Needs(Role.Run);
        api.MapDelete("/jobs/{id:long}", CancelAsync).Needs(Role.Run);
    }

    /// <inheritdoc/>
    public void Dispose() => _oneAtATime.Dispose();

    private IEnumerable<object> List()
    {
        var progress = runner.Progress;
        return jobs.Latest(Shown).Select(job => Describe(job, job.State is JobState.Waiting or JobState.Running ? progress.GetValueOrDefault(job.Id) : null));
    }

    private static object Describe(Job job, JobProgress? progress) =>
        new
        {
            id = job.Id,
            slide = SlideCatalogue.IdOf(job.Name),
            name = job.Name,
            state = job.State.ToString().ToLowerInvariant(),
            message = job.Message,
            account = job.Account,
            tilesDone = progress?.TilesDone ?? 0,
            tileCount = progress?.TileCount ?? 0,
            tilesResumed = progress?.TilesResumed ?? 0,
            nuclei = progress?.Nuclei ?? job.Nuclei,
            secondsLeft = progress?.SecondsLeft,
            tilesPerSecond = progress?.TilesPerSecond,
            place = progress?.Place,
            batch = progress?.Batch,
        };

    // Server-sent events (HTML standard, section 9.2): the list, whenever it has changed.
    private async Task Watch(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
        var before = "";
        var last = DateTime.UtcNow;
        try
        {
            while (true)
            {
                var now = JsonSerializer.Serialize(List(), JsonSerializerOptions.Web);
                var text =
                    now != before ? $"event: jobs\ndata: {now}\n\n"
                    : DateTime.UtcNow - last > _beats ? ": still here\n\n"
                    : null;
                if (text is not null)
                {
                    // The session may have ended, or the account: the stream was let in long ago.
                    if (SessionAuthentication.AccountOf(context.Request, accounts, options) is null)
                    {
                        return;
                    }

                    await context.Response.WriteAsync(text, ended.Token);
                    await context.Response.Body.FlushAsync(ended.Token);
                    (before, last) = (now, DateTime.UtcNow);
                }

                await Task.Delay(_looks, ended.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The browser was closed, or the server ends.
        }
    }

    private async Task<object> Estimate(HttpContext context, Choice choice)
    {
        var chosen = Require(choice);
        var cancellation = context.RequestAborted;
        var estimates = new List<SlideEstimate>();
        var failed = new List<object>();

        // Each takes the whole machine for a while.
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            foreach (var slide in chosen)
            {
                try
                {
                    using var segmenter = segmenters.For(slide.Path);
                    estimates.Add(await Task.Run(() => segmenter.EstimateAsync(slide.Path, cancellation), cancellation));
                }
                catch (SlideException e)
                {
                    failed.Add(new { name = slide.Name, message = e.Problem });
                }
            }
        }
        finally
        {
            _oneAtATime.Release();
        }

        var sum = SlideEstimate.Sum(estimates);
        return new
        {
            slides = estimates.Count,
            failed,
            tissue = sum.TissueArea,
            seconds = sum.Seconds,
            nuclei = sum.Nuclei,
            memory = sum.PeakMemory,
            bytes = sum.OutputBytes,
        };
    }

    private IResult Start(HttpContext context, Choice choice)
    {
        foreach (var slide in Require(choice))
        {
            if (jobs.Add(slide, context.User.FindFirstValue(ClaimTypes.Name)!))
            {
                log.Add(context, "start segmenting", slide.Name);
            }
        }

        runner.Wake();
        return Results.Accepted();
    }

    private async Task<IResult> CancelAsync(HttpContext context, long id)
    {
        if (jobs.Find(id) is not { } job || !await runner.CancelAsync(id, context.RequestAborted))
        {
            throw RequestException.NotFound("job that could be cancelled");
        }

        log.Add(context, "cancel segmenting", job.Name);
        return Results.Accepted();
    }

    private List<SlideInput> Require(Choice choice)
    {
        if (choice.Slides is not { Length: >= 1 and <= MostSlides })
        {
            throw RequestException.Invalid($"Choose 1 to {MostSlides} slides.");
        }

        return
        [
            .. choice
                .Slides.Distinct(StringComparer.Ordinal)
                .Select(id => catalogue.Require(id ?? ""))
                .Select(e => new SlideInput(e.RequirePath(), e.Name)),
        ];
    }
}
