namespace HoverFast.Jobs;

/// <summary>The control charts of one scanner's results.</summary>
/// <param name="Scanner">Its name; empty for results that name none.</param>
/// <param name="Results">The places of its results among all, in order of time.</param>
/// <param name="Charts">Its charts, by figure; a point a result.</param>
internal sealed record ScannerDrift(string Scanner, IReadOnlyList<int> Results, IReadOnlyList<DriftChart> Charts)
{
    /// <summary>Its name in a sentence.</summary>
    public string Told => TellOf(Scanner);

    /// <summary>Whether it is known how its figures are while all is in order.</summary>
    public bool HasBaseline => Charts.Any(c => c.Baseline is not null);

    /// <summary>A scanner's name in a sentence.</summary>
    public static string TellOf(string scanner) => scanner.Length == 0 ? "unnamed scanner" : $"scanner '{scanner}'";
}
