using System.Globalization;
using HoverFast.Files;
using HoverFast.Nuclei;
using HoverFast.Slides.Dicom;

namespace HoverFast.Output.Dicom;

/// <summary>
/// Writes nuclei as DICOM Microscopy Bulk Simple Annotations (PS3.3 section A.87, Supplement 222): polygons in pixels of the slide's total pixel matrix, one
/// group for each type, measurements with coded names and units. A DICOM slide's patient and study are taken over and its full-resolution image referred to;
/// for other slides identifiers follow from their fingerprint. The same input gives the same bytes. Memory does not grow with the slide: nuclei wait in files
/// beside the result.
/// </summary>
internal sealed class DicomAnnotationsOutput : INucleusOutput
{
    private readonly PartialFile _file;
    private readonly AnnotatedSlide _slide;
    private readonly MeasurementCode[] _codes;
    private readonly string[] _labels;
    private readonly AnnotationGroup?[] _groups;

    /// <summary>Starts the file.</summary>
    /// <param name="path">Where to; by custom <c>NAME.ann.dcm</c>.</param>
    /// <param name="slide">The slide.</param>
    /// <param name="measurements">Names of the measurements that the nuclei bring.</param>
    /// <param name="classes">The types that the model knows, type 1 first; empty where it knows none, and then all nuclei are one group.</param>
    public DicomAnnotationsOutput(string path, AnnotatedSlide slide, IReadOnlyList<MeasurementName> measurements, IReadOnlyList<NucleusClass>? classes = null)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        _slide = slide;
        _codes = [.. measurements.Select(MeasurementCode.Of)];
        _labels = ["Nuclei", .. (classes ?? []).Select(c => DicomText.Fit(c.Name, 64))];
        _groups = new AnnotationGroup?[_labels.Length];
        _file = new PartialFile(path);
    }

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <inheritdoc/>
    public void Add(in SegmentedNucleus nucleus)
    {
        var type = nucleus.Nucleus.Type is var t && t < _groups.Length ? t : 0;
        (_groups[type] ??= new AnnotationGroup(Path, type, _slide, _codes.Length)).Add(nucleus);
    }

    /// <inheritdoc/>
    public void Complete()
    {
        // A sequence of groups may not be empty: a slide without nuclei gets a group without annotations.
        if (_groups.All(g => g is null))
        {
            _groups[0] = new AnnotationGroup(Path, 0, _slide, _codes.Length);
        }

        var groups = new List<DicomDataSet>();
        for (var i = 0; i < _groups.Length; i++)
        {
            if (_groups[i] is { } group)
            {
                groups.Add(Describe(i, groups.Count + 1, group));
            }
        }

        var set = AnnotationsHeader.Of(_slide);
        set.Set(DicomTag.AnnotationGroups, [.. groups]);
        DicomWriter.WriteFile(_file.Stream, set);
        _file.Complete();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var group in _groups)
        {
            group?.Dispose();
        }

        _file.Dispose();
    }

    private DicomDataSet Describe(int type, int number, AnnotationGroup group)
    {
        var set = new DicomDataSet();
        set.Set(DicomTag.AnnotationGroupNumber, number);
        set.Set(DicomTag.AnnotationGroupUid, DicomUid.From(_slide.Key, string.Create(CultureInfo.InvariantCulture, $"group {type}")));
        set.Set(DicomTag.AnnotationGroupLabel, _labels[type]);
        set.Set(DicomTag.AnnotationGroupGeneration, "AUTOMATIC");
        var algorithm = new DicomDataSet();
        algorithm.Set(DicomTag.AlgorithmFamily, [DicomCode.ArtificialIntelligence.ToDataSet()]);
        algorithm.Set(DicomTag.AlgorithmName, DicomText.Fit(_slide.Model, 64));
        algorithm.Set(DicomTag.AlgorithmVersion, DicomText.Fit(_slide.ModelVersion, 64));
        algorithm.Set(DicomTag.AlgorithmSource, "HoverFast for .NET");
        algorithm.Set(DicomTag.AlgorithmParameters, DicomText.Fit($"program {_slide.Program}; model {_slide.ModelSha256}; result {_slide.Key}", 10_240));
        set.Set(DicomTag.AnnotationGroupAlgorithm, [algorithm]);
        set.Set(DicomTag.AnnotationPropertyCategory, [DicomCode.AnatomicalStructure.ToDataSet()]);
        set.Set(DicomTag.AnnotationPropertyType, [DicomCode.Nucleus.ToDataSet()]);
        set.Set(DicomTag.AnnotationAllOpticalPaths, "YES");
        group.AddTo(set, _codes);
        return set;
    }
}
