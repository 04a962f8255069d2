using HoverFast.Nuclei;
using HoverFast.Slides;

namespace HoverFast.Output;

/// <summary>Keeps nuclei in memory as all outputs have them, until they are taken away.</summary>
/// <param name="mpp">Pixel size of full resolution.</param>
/// <param name="measurements">Names of the measurements that the nuclei bring.</param>
/// <param name="classes">The types that the model knows, type 1 first; empty where it knows none.</param>
internal sealed class CollectingOutput(Mpp mpp, IReadOnlyList<MeasurementName> measurements, IReadOnlyList<NucleusClass> classes) : INucleusOutput
{
    private List<DetectedNucleus> _nuclei = [];

    /// <summary>No file.</summary>
    public string Path => "";

    /// <inheritdoc/>
    public void Add(in SegmentedNucleus nucleus)
    {
        var found = nucleus.Nucleus;
        var outline = new SlidePoint[nucleus.Outline.Length];
        for (var i = 0; i < outline.Length; i++)
        {
            outline[i] = new SlidePoint((double)nucleus.Outline[i].X / OutlinePoint.PerPixel, (double)nucleus.Outline[i].Y / OutlinePoint.PerPixel);
        }

        _nuclei.Add(new DetectedNucleus
        {
            Id = nucleus.Id,
            Outline = outline,
            Centroid = new SlidePoint(found.Centroid.X, found.Centroid.Y),
            Area = found.Area * mpp.MicronsPerPixel * mpp.MicronsPerPixel,
            Probability = found.MeanProbability,
            BoundaryConfidence = found.BoundaryConfidence,
            MatchProbability = float.IsFinite(found.MatchProbability) ? found.MatchProbability : null,
            Type = NucleusClass.NameOf(classes, found.Type),
            TypeProbability = found.Type >= 1 && found.Type <= classes.Count ? found.TypeProbability : null,
            Measurements = nucleus.ValuesBy(measurements),
        });
    }

    /// <summary>Hands out what has come since the last call.</summary>
    public IReadOnlyList<DetectedNucleus> Take()
    {
        var taken = _nuclei;
        _nuclei = [];
        return taken;
    }

    /// <summary>Does nothing.</summary>
    public void Complete()
    {
    }

    /// <summary>Does nothing.</summary>
    public void Dispose()
    {
    }
}
