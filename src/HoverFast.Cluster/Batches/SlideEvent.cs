using System.Text.Json;

namespace HoverFast.Cluster.Batches;

/// <summary>Something that happened to a slide: a line of JSON in logs and in the files that <c>hoverfast cluster status</c> reads.</summary>
internal sealed record SlideEvent
{
    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What.</summary>
    public required SlideEventKind Event { get; init; }

    /// <summary>The name of the slide's result.</summary>
    public required string Slide { get; init; }

    /// <summary>The file.</summary>
    public string Input { get; init; } = "";

    /// <summary>The machine.</summary>
    public string Host { get; init; } = "";

    /// <summary>The process.</summary>
    public int Process { get; init; }

    /// <summary>The cluster's job and task, where there is one.</summary>
    public string? Job { get; init; }

    /// <summary>Wall-clock seconds from its beginning to its end.</summary>
    public double? Seconds { get; init; }

    /// <summary>Seconds that all cores together spent on it.</summary>
    public double? ProcessorSeconds { get; init; }

    /// <summary>Seconds per stage, summed over threads.</summary>
    public IReadOnlyDictionary<string, double>? StageSeconds { get; init; }

    /// <summary>Tissue searched, in mm2.</summary>
    public double? Tissue { get; init; }

    /// <summary>Nuclei found.</summary>
    public long? Nuclei { get; init; }

    /// <summary>Tiles that an earlier run had finished.</summary>
    public int? TilesResumed { get; init; }

    /// <summary>The most memory that the process had held, in bytes.</summary>
    public long? PeakMemory { get; init; }

    /// <summary>What went wrong, or who is waited for.</summary>
    public string? Error { get; init; }

    /// <summary>As a line of JSON, without its end.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SlideEventJson.Compact.SlideEvent);

    /// <summary>From a line of JSON; null where it is none (cut short by a crash, say).</summary>
    public static SlideEvent? TryParse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, SlideEventJson.Compact.SlideEvent);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
