using HoverFast.Server.Accounts;
using HoverFast.Server.Hosting;
using HoverFast.Server.Slides;

namespace HoverFast.Server.Nuclei;

/// <summary>The nuclei of a slide: what there is, tiles, density, the one at a place, those of a region.</summary>
internal sealed class NucleusEndpoints(SlideCatalogue catalogue, NucleusIndexes indexes, ActionLog log, ServerOptions options) : IEndpointGroup
{
    /// <summary>Micrometres in a screen pixel from which on outlines are told apart.</summary>
    private const double OutlinesFrom = 1.1;

    private const string VectorTileType = "application/vnd.mapbox-vector-tile";

    /// <inheritdoc/>
    public void Map(RouteGroupBuilder api)
    {
        DeleteLeftExports();
        var nuclei = api.MapGroup("/slides/{id}/nuclei").Needs(Role.Look).RequireRateLimiting(ClientLimits.Work);
        nuclei.MapGet("", Summary);
        nuclei.MapGet("/tiles/{zoom:int}/{column:int}/{row:int}", Tile);
        nuclei.MapGet("/density", Density);
        nuclei.MapGet("/at", At);
        nuclei.MapPost("/region", Region);
        nuclei.MapPost("/export/{format}", Export);
    }

    private object Summary(string id)
    {
        var entry = catalogue.Require(id);
        var (index, building) = indexes.Find(entry);
        var summary = index?.Summary;
        return new
        {
            state = summary is not null ? "ready"
            : building is null ? "none"
            : building.Error is null ? "building"
            : "failed",
            progress = building?.Progress ?? 0,
            error = building?.Error,
            key = indexes.KeyOf(entry) ?? "",
            count = summary?.Count ?? 0,
            measurements = summary?.Measurements ?? [],
            classes = summary?.Classes ?? [],
            resolutions = VectorTile.Resolutions,
            tileSize = VectorTile.TilePixels,
            outlinesFrom = Math.Clamp(OutlinesFrom / (summary?.Mpp ?? 0.25), 0.5, VectorTile.Resolutions[0]),
            density = summary is null
                ? null
                : new
                {
                    width = DensityPixels(summary.Width, summary.DensityCell),
                    height = DensityPixels(summary.Height, summary.DensityCell),
                    most = index!.MostDensity,
                },
        };
    }

    private static int DensityPixels(int side, int cell) => (side + cell - 1) / cell * cell;

    private IResult Tile(HttpContext context, string id, int zoom, int column, int row)
    {
        if (zoom < 0 || zoom >= VectorTile.Resolutions.Count || Math.Abs((long)column) > 1 << 18 || Math.Abs((long)row) > 1 << 18)
        {
            throw RequestException.NotFound("tile");
        }

        var tile = VectorTile.Make(indexes.Require(catalogue.Require(id)), zoom, column, row, context.RequestAborted);
        Keep(context);
        return Results.Bytes(tile, VectorTileType);
    }

    private IResult Density(HttpContext context, string id)
    {
        var index = indexes.Require(catalogue.Require(id));
        Keep(context);
        return Results.Bytes(index.Density, "image/png");
    }

    private IResult At(HttpContext context, string id, double x, double y)
    {
        if (!double.IsFinite(x) || !double.IsFinite(y) || Math.Abs(x) > 1e7 || Math.Abs(y) > 1e7)
        {
            throw RequestException.Invalid("A place has two numbers.");
        }

        var index = indexes.Require(catalogue.Require(id));
        object? found = null;
        index.Read(
            x,
            y,
            x,
            y,
            (nucleus, _) =>
            {
                if (found is null && nucleus.Contains(x, y))
                {
                    found = Describe(index.Summary, nucleus);
                }
            },
            context.RequestAborted);
        return Results.Ok(new { nucleus = found });
    }

    private object Region(HttpContext context, string id, RegionQuery query)
    {
        var index = indexes.Require(catalogue.Require(id));
        var counts = new RegionCounts(index.Summary);
        query.Run(index, counts.Add, context.RequestAborted);
        return counts.ToAnswer(query.Area(context.RequestAborted));
    }

    private IResult Export(HttpContext context, string id, string format, RegionQuery query)
    {
        var entry = catalogue.Require(id);
        var index = indexes.Require(entry);
        Action<Stream, NucleusIndex, RegionQuery, CancellationToken> write = format switch
        {
            "geojson" => NucleusExport.WriteGeoJson,
            "csv" => NucleusExport.WriteCsv,
            _ => throw RequestException.NotFound("format"),
        };

        // To disk first: an answer that has begun can't say that the query makes no sense, and a whole slide is no matter for memory.
        var path = Path.Combine(options.OwnFolder, ExportOf($"{Guid.NewGuid():n}"));
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        try
        {
            write(file, index, query, context.RequestAborted);
            file.Position = 0;
        }
        catch
        {
            file.Dispose();
            throw;
        }

        log.Add(context, $"export {format}", entry.Name);
        return Results.Stream(file, format == "csv" ? "text/csv; charset=utf-8" : "application/geo+json");
    }

    /// <summary>Deletes what a server was sending when it was killed.</summary>
    private void DeleteLeftExports()
    {
        foreach (var left in Directory.Exists(options.OwnFolder) ? Directory.GetFiles(options.OwnFolder, ExportOf("*")) : [])
        {
            try
            {
                File.Delete(left);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another server's, which sends it; or nothing may be deleted here, which is no reason to serve nothing.
            }
        }
    }

    private static string ExportOf(string which) => $"export-{which}.partial";

    // The address of a tile holds the key of the result.
    private static void Keep(HttpContext context) => context.Response.Headers.CacheControl = "private, max-age=86400, immutable";

    private static object Describe(IndexSummary summary, IndexedNucleus nucleus) =>
        new
        {
            ordinal = nucleus.Ordinal,
            id = nucleus.Id == Guid.Empty ? $"number {nucleus.Ordinal}" : nucleus.Id.ToString(),
            className = nucleus.Class >= 0 ? summary.Classes[nucleus.Class].Name : null,
            measurements = summary
                .Measurements.Select((m, i) => (m.Name, Value: i < nucleus.Values.Count ? nucleus.Values[i] : float.NaN))
                .Where(v => !float.IsNaN(v.Value))
                .ToDictionary(v => v.Name, v => v.Value),
            rings = Enumerable
                .Range(0, nucleus.RingEnds.Count)
                .Select(r =>
                    nucleus.Ring(r) is var (start, end)
                        ? Enumerable
                            .Range(0, (end - start) / 2)
                            .Select(i =>
                                new[]
                                {
                                    (double)nucleus.Points[start + (2 * i)] / IndexedNucleus.Units,
                                    (double)nucleus.Points[start + (2 * i) + 1] / IndexedNucleus.Units,
                                })
                            .ToArray()
                        : [])
                .ToArray(),
        };
}
