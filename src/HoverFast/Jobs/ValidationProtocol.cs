using System.Text.Json;
using HoverFast.Evaluation;
using HoverFast.Files;
using HoverFast.Slides;

namespace HoverFast.Jobs;

/// <summary>What a laboratory asks of a model before it looks: limits on its own labelled tiles.</summary>
public sealed record ValidationProtocol
{
    private const long MostBytes = 1 << 20;

    private static readonly Dictionary<string, Func<SegmentationScore, double>> _figures = new(StringComparer.Ordinal)
    {
        ["dice"] = s => s.Dice,
        ["aji"] = s => s.Aji,
        ["f1"] = s => s.DetectionQuality,
        ["pq"] = s => s.PanopticQuality,
    };

    /// <summary>What is validated, in words.</summary>
    public required string Name { get; init; }

    /// <summary>Pixel size of the tiles in um/px.</summary>
    public required double Mpp { get; init; }

    /// <summary>The limits; all must hold.</summary>
    public required IReadOnlyList<ValidationLimit> Limits { get; init; }

    /// <summary>Reads a protocol.</summary>
    /// <exception cref="IOException">It can't be read, or asks for what there is not.</exception>
    public static ValidationProtocol Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ValidationProtocol? protocol;
        try
        {
            protocol = JsonSerializer.Deserialize(RegularFile.ReadAllText(path, MostBytes), AuditJson.Indented.ValidationProtocol);
        }
        catch (JsonException e)
        {
            throw new IOException($"{path}: is no protocol ({e.Message}). It has a name, mpp and limits, each a figure and the least that it may be.", e);
        }

        if (protocol is not { Limits.Count: > 0 } || protocol.Mpp is not (>= SlideCalibrator.Finest and <= SlideCalibrator.Coarsest))
        {
            throw new IOException($"{path}: a protocol needs at least one limit, and an mpp between {SlideCalibrator.Finest} and {SlideCalibrator.Coarsest}.");
        }

        if (protocol.Limits.Any(l => l is null))
        {
            throw new IOException($"{path}: has a limit that is null; each is a figure and the least that it may be.");
        }

        return protocol.Limits.FirstOrDefault(l => !_figures.ContainsKey(l.Figure) || l.Least is not (>= 0 and <= 1)) is { } wrong
            ? throw new IOException($"{path}: asks for {wrong.Figure} of {wrong.Least}; figures are {string.Join(", ", _figures.Keys)}, from 0 to 1.")
            : protocol;
    }

    /// <summary>Holds scores against the limits.</summary>
    /// <param name="report">The tiles' scores.</param>
    internal IReadOnlyList<ValidationFinding> Judge(EvaluationReport report) =>
        [
            .. Limits.Select(limit =>
            {
                var tiles = report.Images.Where(i => limit.Tissue is null || i.Name.StartsWith(limit.Tissue, StringComparison.OrdinalIgnoreCase)).ToList();
                var figure = BootstrapInterval.Of(tiles.Select(i => _figures[limit.Figure](i.Score)));
                var reached = limit.ByLowerEnd ? figure.Low : figure.Mean;
                return new ValidationFinding(
                    limit,
                    figure.Images,
                    Round(figure.Mean),
                    Round(figure.Low),
                    Round(figure.High),
                    figure.Images > 0 && reached >= limit.Least);
            }),
        ];

    /// <summary>A figure as reports have it; null where there is none.</summary>
    internal static double? Round(double value) => double.IsFinite(value) ? Math.Round(value, 4) : null;
}
