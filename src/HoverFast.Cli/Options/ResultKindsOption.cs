using System.CommandLine;
using HoverFast.Jobs;

namespace HoverFast.Cli.Options;

/// <summary>The option that names the kinds of results to write.</summary>
internal static class ResultKindsOption
{
    private static readonly (string Name, ResultKind Kind)[] _kinds =
    [
        ("geojson", ResultKind.GeoJson),
        ("csv", ResultKind.Csv),
        ("parquet", ResultKind.Parquet),
        ("labels", ResultKind.Labels),
        ("overlay", ResultKind.Overlay),
        ("overview", ResultKind.Overview),
        ("dicom-ann", ResultKind.DicomAnnotations),
        ("dsa", ResultKind.Dsa),
        ("quality", ResultKind.Quality),
        ("quality-map", ResultKind.QualityMap),
        ("quality-regions", ResultKind.QualityRegions),
        ("maps", ResultKind.Maps),
    ];

    /// <summary>The names that it takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _kinds.Select(k => k.Name)];

    /// <summary>Makes the option; <c>--output</c> is its old name.</summary>
    public static Option<string?> Make()
    {
        var option = new Option<string?>("--write", "--output")
        {
            Description = $"Results to write, parted by commas: {string.Join(", ", Names)} (default: geojson; for plain pictures also labels and overlay).",
        };
        option.Validators.Add(r =>
        {
            if (r.Tokens is [{ Value: var text }, ..] && Split(text).FirstOrDefault(n => !Names.Contains(n)) is { } unknown)
            {
                r.AddError($"--write knows {string.Join(", ", Names)}, not '{unknown}'.");
            }
        });
        return option;
    }

    /// <summary>The kinds that are named, each once; null where the option was left out.</summary>
    public static IReadOnlyList<ResultKind>? Parse(string? text) =>
        text is null ? null : [.. Split(text).Distinct().Select(n => _kinds.First(k => k.Name == n).Kind)];

    private static IEnumerable<string> Split(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(n => n.ToLowerInvariant());
}
