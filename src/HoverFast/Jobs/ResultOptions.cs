using HoverFast.Model;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Slides.DicomWeb;

namespace HoverFast.Jobs;

/// <summary>Which files a result has, and how they look. The defaults suit QuPath.</summary>
public sealed record ResultOptions
{
    /// <summary>What is written; null for GeoJSON, and of plain pictures a label image and an overlay too.</summary>
    public IReadOnlyList<ResultKind>? Kinds { get; init; }

    /// <summary>Whether what is done already is done again.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// With <see cref="Force"/>: results that were finished from then on are kept all the same, so that a batch that is started again does nothing twice. Null
    /// keeps none.
    /// </summary>
    public DateTimeOffset? ForceBefore { get; init; }

    /// <summary>
    /// A second model, whose disagreement with the first is written into the maps (<see cref="ResultKind.Maps"/>); nuclei stay the first one's. It stays the
    /// caller's. Null tells the disagreement between views, where there are several.
    /// </summary>
    public NucleusModel? SecondModel { get; init; }

    /// <summary>How far outlines are simplified, in full-resolution pixels, 0 or more; 0 keeps every point that matters.</summary>
    public double Simplify { get; init; }

    /// <summary>
    /// Whether fields with artefacts (pen, dark, bright, blurred ...) are left out: no output has nuclei of them, the manifest tells which they are, and the
    /// expected accuracy is that of the rest.
    /// </summary>
    public bool ExcludeArtefacts { get; init; }

    /// <summary>Width of the overlay's lines in pixels, above 0.</summary>
    public double OverlayWidth { get; init; } = OverlayOutput.UsualWidth;

    /// <summary>What the colours of the overlay's lines tell.</summary>
    public OverlayColours OverlayColours { get; init; }

    /// <summary>One colour for all lines of the overlay, or null for several.</summary>
    public (byte R, byte G, byte B)? OverlayColour { get; init; }

    /// <summary>
    /// Root of a DICOMweb server's services, for example http://host/dicom-web, to which annotations are sent (STOW-RS) once a result is whole, and again where
    /// it stood already; null sends nothing. <see cref="Kinds"/> must name <see cref="ResultKind.DicomAnnotations"/>.
    /// </summary>
    /// <exception cref="SlideException">It is no such address.</exception>
    public string? StoreAt
    {
        get;
        init => field = value is null ? null : DicomWebAddress.RootOf(value);
    }

    /// <summary>
    /// A folder on a disk near the processor, into which a slide's files are copied before it is segmented, and deleted from afterwards; null reads slides
    /// where they lie. It pays where many machines read one file server. The result is the same.
    /// </summary>
    public string? StageIn { get; init; }

    /// <summary>The expected PQ, 0 to 1, below which a slide's result is refused: nothing is written, and the slide counts as failed. Null refuses none.</summary>
    public double? RefuseBelow { get; init; }

    /// <summary>
    /// Whether each run is written down in the folder's audit log (<c>audit.jsonl</c>): who, when, what, hashes, each line chained to the one before.
    /// </summary>
    public bool Audit { get; init; }

    /// <summary>The file of one kind of result, relative to the folder of results, where it is not the usual one; by name and kind.</summary>
    public Func<string, ResultKind, string>? FileOf { get; init; }

    /// <summary>What is written where only time and memory are of interest.</summary>
    internal static ResultOptions ForMeasuring { get; } = new() { Kinds = [ResultKind.GeoJson], Force = true };

    /// <summary>Refuses what makes no sense, before anything is read or written.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option lies outside of its range.</exception>
    internal void Check()
    {
        // NaN is less than any number, and has a minus.
        ArgumentOutOfRangeException.ThrowIfLessThan(Simplify, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Simplify, double.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(OverlayWidth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(OverlayWidth, double.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(RefuseBelow ?? 0, 0, nameof(RefuseBelow));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RefuseBelow ?? 0, 1, nameof(RefuseBelow));
        SegmentSettings.ThrowIfUndefined(OverlayColours);
        foreach (var kind in Kinds ?? [])
        {
            SegmentSettings.ThrowIfUndefined(kind, nameof(Kinds));
        }
    }
}
