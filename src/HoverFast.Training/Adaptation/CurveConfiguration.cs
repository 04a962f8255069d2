using System.Text.Json;
using System.Text.Json.Serialization;
using HoverFast.Training.Data;

namespace HoverFast.Training.Adaptation;

/// <summary>What <c>adapt curve</c> measures, as a JSON file (benchmarks/adapt-curve.json).</summary>
internal sealed record CurveConfiguration
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The model to start from.</summary>
    public string Model { get; init; } = "hoverfast-he-float32";

    /// <summary>Foreign tissues, each adapted to in turn; the others then are "other tissue".</summary>
    public required IReadOnlyList<CurveSet> Tissues { get; init; }

    /// <summary>Further sets that only judge.</summary>
    public IReadOnlyList<CurveSet> Others { get; init; } = [];

    /// <summary>Numbers of labelled tiles; 1 where nothing but "naive" is compared, which judges by no tile of its own.</summary>
    public required IReadOnlyList<int> Counts { get; init; }

    /// <summary>Seeds; each takes other tiles.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1];

    /// <summary>
    /// What is compared: "naive" (the same steps on all tiles, without rehearsal and mixing), "adapt", "for-all-slides" (adapt whose
    /// weights segment other tissue too), "unlabelled" (adapt with the unlabelled tiles of the
    /// same tissue).
    /// </summary>
    public IReadOnlyList<string> Ways { get; init; } = ["naive", "adapt"];

    /// <summary>Optimiser steps of each run; null for adapt's own.</summary>
    public int? Steps { get; init; }

    /// <summary>Reads a configuration; its folders become whole paths.</summary>
    /// <exception cref="TrainingException">It isn't one.</exception>
    public static CurveConfiguration Read(string path)
    {
        try
        {
            var json = File.ReadAllText(path);
            var read = JsonSerializer.Deserialize<CurveConfiguration>(json, _json) ?? throw new JsonException("it is empty");
            ListEntries.Require(json, _json);
            if (read.Counts.Any(c => c < 0 || (c == 1 && read.Ways.Any(w => w != "naive"))))
            {
                throw new JsonException("counts: adapting needs at least two tiles, one to learn from and one to judge by; one is enough for naive alone");
            }

            return read.Ways.FirstOrDefault(w => w is not ("naive" or "adapt" or "for-all-slides" or "unlabelled")) is { } unknown
                ? throw new JsonException($"'{unknown}' is no way; there are naive, adapt, for-all-slides and unlabelled")
                : read with { Tissues = [.. read.Tissues.Select(Whole)], Others = [.. read.Others.Select(Whole)] };
        }
        catch (JsonException e)
        {
            throw new TrainingException(path, $"is no configuration of a curve ({e.Message}).", e);
        }

        CurveSet Whole(CurveSet set) => set with { Folder = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, set.Folder)) };
    }
}
