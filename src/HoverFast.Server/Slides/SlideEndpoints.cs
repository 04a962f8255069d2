using HoverFast.Server.Accounts;
using HoverFast.Server.Hosting;
using HoverFast.Slides;
using Microsoft.Net.Http.Headers;

namespace HoverFast.Server.Slides;

/// <summary>The list of slides, what is known of one, its tiles and pictures.</summary>
internal sealed class SlideEndpoints(SlideCatalogue catalogue, OpenSlides slides, Thumbnails thumbnails, ActionLog log, ServerOptions options)
    : IEndpointGroup
{
    private const string Jpeg = "image/jpeg";
    private static readonly string[] _withoutNames = ["thumbnail"];

    /// <inheritdoc/>
    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/slides", () => catalogue.All.Select(Summary)).Needs(Role.Look);
        var slide = api.MapGroup("/slides/{id}").Needs(Role.Look);
        slide.MapGet("", Describe).RequireRateLimiting(ClientLimits.Work);
        slide.MapGet("/thumbnail", (HttpContext context, string id) => Picture(context, id, 0, thumbnails.Of)).RequireRateLimiting(ClientLimits.Work);
        slide.MapGet("/tiles/{level:int}/{column:int}/{row:int}", Tile).RequireRateLimiting(ClientLimits.Work);
        slide.MapGet("/pictures/{name}", Associated).RequireRateLimiting(ClientLimits.Work).Needs(Role.Run);
    }

    private static object Summary(SlideEntry entry) =>
        new
        {
            id = entry.Id,
            name = entry.Name,
            hasSlide = entry.Path is not null,
            hasResult = entry.Manifest is not null,
            nuclei = entry.Manifest?.Counts.Nuclei,
            tissue = entry.Manifest?.CountedTissue,
            warnings = entry.Manifest?.Warnings ?? [],
            quality = entry.Manifest?.Quality is { } q
                ? new
                {
                    expectedPq = q.ExpectedPq,
                    low = q.ExpectedPqLow,
                    high = q.ExpectedPqHigh,
                    shift = q.Shift,
                    advice = q.Advice,
                    differences = q.Differences,
                }
                : null,
            finished = entry.Manifest?.Finished,
            model = entry.Manifest is { } m ? $"{m.Model.Name} {m.Model.Version}" : null,
            stamp = entry.Stamp,
        };

    private object Describe(string id)
    {
        var entry = catalogue.Require(id);
        var manifest = entry.Manifest;
        if (entry.Path is null)
        {
            // The nuclei can be looked at without the slide.
            return new
            {
                summary = Summary(entry),
                width = manifest!.Slide.Bounds.Width,
                height = manifest.Slide.Bounds.Height,
                offset = new[] { manifest.Slide.Bounds.X, manifest.Slide.Bounds.Y },
                mpp = (double?)manifest.Slide.Mpp,
                mppSource = manifest.Slide.MppSource,
                format = manifest.Slide.Format,
                notes = Array.Empty<string>(),
                pictures = Array.Empty<string>(),
                levels = Array.Empty<object>(),
            };
        }

        return slides.Use(entry, slide => (object)
                new
                {
                    summary = Summary(entry),
                    width = slide.Reader.Bounds.Width,
                    height = slide.Reader.Bounds.Height,
                    offset = new[] { slide.Reader.Bounds.X, slide.Reader.Bounds.Y },
                    mpp = manifest?.Slide.Mpp ?? slide.Reader.Calibration?.Mpp.MicronsPerPixel ?? options.Mpp,
                    mppSource = manifest?.Slide.MppSource ?? slide.Reader.Calibration?.Source ?? (options.Mpp is null ? null : "given"),
                    magnification = slide.Reader.Details.Magnification,
                    format = slide.Reader.Format,
                    scanner = slide.Reader.Details.Scanner,
                    notes = (IEnumerable<string>)[.. slide.Reader.Details.Notes, .. slide.ColourNote is { } note ? [note] : Array.Empty<string>()],
                    pictures = slide
                        .Reader.Details.Associated.Where(p => p.Size is not null)
                        .Select(p => p.Name)
                        .Except(_withoutNames, StringComparer.Ordinal)
                        .Distinct(StringComparer.Ordinal),
                    levels = slide.Levels.Select(l => new
                    {
                        resolution = l.Resolution,
                        width = l.Size.Width,
                        height = l.Size.Height,
                        tileWidth = l.TileSize.Width,
                        tileHeight = l.TileSize.Height,
                    }),
                });
    }

    private IResult Tile(HttpContext context, string id, int level, int column, int row) => Picture(context, id, 3600, entry => slides.Use(entry, slide =>
            {
                try
                {
                    return slide.Tile(level, column, row);
                }
                catch (ArgumentOutOfRangeException)
                {
                    throw RequestException.NotFound("tile");
                }
            }));

    // Labels and macro pictures carry names of patients: only on request, only for those who may run, and it is written down.
    private IResult Associated(HttpContext context, string id, string name)
    {
        var entry = catalogue.Require(id);
        var image = slides.Use(entry, slide =>
            slide.Reader.Details.Associated.FirstOrDefault(p => p.Name == name && p.Size is not null) is { } picture ? slide.Picture(picture) : null
        ) ?? throw RequestException.NotFound("picture that can be shown");
        log.Add(context, $"see {name}", entry.Name);
        return Results.Bytes(RgbImageFile.ToJpeg(image), Jpeg);
    }

    private IResult Picture(HttpContext context, string id, int seconds, Func<SlideEntry, byte[]> make)
    {
        var entry = catalogue.Require(id);
        var tag = new EntityTagHeaderValue($"\"{entry.Stamp}\"");
        context.Response.Headers.CacheControl = $"private, max-age={seconds}";
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(t => t.Compare(tag, useStrongComparison: false)))
        {
            context.Response.Headers.ETag = tag.ToString();
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        return Results.Bytes(make(entry), Jpeg, entityTag: tag);
    }
}
