using System.Globalization;
using System.Numerics;
using System.Text.Json;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Output.Dicom;
using HoverFast.Slides;
using HoverFast.Slides.Dicom;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Output.Dicom;

/// <summary>Annotations as DICOM: read back by our own reader, by pydicom, and checked by dciodvfy.</summary>
public sealed class DicomAnnotationsTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private static readonly MeasurementName[] _names = [.. NucleusMeasurements.NamesOf(MeasurementChoice.All, Stains.Stain.HaematoxylinEosin)];
    private static readonly NucleusClass[] _classes = [new("Neoplastic", 255, 0, 0), new("Entz\u00FCndlich\\tot", 0, 0, 255)];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EachTypeIsAGroupWithItsPointsIndicesAndMeasurements()
    {
        var path = _folder.File("a.ann.dcm");
        using (var writer = new NucleusWriter([new DicomAnnotationsOutput(path, TestAnnotations.Slide(), _names, _classes)], "run"u8))
        {
            writer.Add(Triangle(10, 20, 1), Values(1, 5));
            writer.Add(Triangle(30, 20, 2), Values(2, 7));
            writer.Add(Square(50, 20, 1), Values(3, float.NaN));
            writer.Add(Triangle(70, 20, 1), Values(4, 9));
            writer.Complete();
        }

        Assert.Equal([path], Directory.GetFiles(_folder.Path));
        var set = Read(path, out var bytes);
        var groups = set.Items(DicomTag.AnnotationGroups);
        Assert.Equal(["Neoplastic", "Entz?ndlich tot"], groups.Select(g => g.Text(DicomTag.AnnotationGroupLabel)));
        Assert.Equal([1, 2], groups.Select(g => g.Integer(DicomTag.AnnotationGroupNumber)!.Value));
        Assert.Equal([3, 1], groups.Select(g => g.Integer(DicomTag.NumberOfAnnotations)!.Value));
        Assert.Equal(2, groups.Select(g => g.Text(DicomTag.AnnotationGroupUid)).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal([10, 20, 14, 20, 10, 23.25, 50, 20, 54, 20, 54, 24, 50, 24, 70, 20, 74, 20, 70, 23.25], groups[0].Numbers(DicomTag.PointCoordinates));
        Assert.Equal([1, 7, 15], groups[0].Numbers(DicomTag.PointIndices));

        var measurements = groups[0].Items(DicomTag.Measurements);
        Assert.Equal(_names.Length, measurements.Count);
        var area = measurements[0];
        Assert.Equal("42798000", area.FirstItem(DicomTag.ConceptName)!.Text(DicomTag.CodeValue));
        Assert.Equal("um2", area.FirstItem(DicomTag.MeasurementUnits)!.Text(DicomTag.CodeValue));
        Assert.Equal([1, 3, 4], area.FirstItem(DicomTag.MeasurementValues)!.Numbers(DicomTag.FloatingPointValues));
        Assert.False(area.FirstItem(DicomTag.MeasurementValues)!.Has(DicomTag.AnnotationIndices));

        // The second is unknown of one nucleus: then the list says whose the values are.
        var perimeter = measurements[1].FirstItem(DicomTag.MeasurementValues)!;
        Assert.Equal([5, 9], perimeter.Numbers(DicomTag.FloatingPointValues));
        Assert.Equal([1, 3], perimeter.Numbers(DicomTag.AnnotationIndices));

        var algorithm = groups[0].FirstItem(DicomTag.AnnotationGroupAlgorithm)!;
        Assert.Equal("student", algorithm.Text(DicomTag.AlgorithmName));
        Assert.Equal("7", algorithm.Text(DicomTag.AlgorithmVersion));
        Assert.Equal(0, bytes.Length % 2);
    }

    [Fact]
    public void CodesAreDistinctAndFitTheirRepresentations()
    {
        var codes = _names.Select(MeasurementCode.Of).ToList();
        Assert.Equal(codes.Count, codes.Select(c => c.Concept.Value).Distinct(StringComparer.Ordinal).Count());
        Assert.All(codes, c => Assert.InRange(c.Concept.Value.Length, 1, 16));
        Assert.All(codes, c => Assert.InRange(c.Concept.Meaning.Length, 1, 64));
    }

    [Fact]
    public void PatientStudyAndImageAreThoseOfADicomSlide()
    {
        var image = new DicomDataSet();
        image.Set(DicomTag.CharacterSet, "ISO_IR 100");
        image.Set(DicomTag.PatientName, new byte[] { (byte)'M', 0xFC, (byte)'l', (byte)'l', (byte)'e', (byte)'r' });
        image.Set(DicomTag.PatientId, "4711");
        image.Set(DicomTag.StudyDate, "20240229");
        image.Set(DicomTag.StudyInstance, "1.2.3");
        image.Set(DicomTag.SeriesInstance, "1.2.3.4");
        image.Set(DicomTag.SopInstance, "1.2.3.4.5");
        image.Set(DicomTag.SopClass, "1.2.840.10008.5.1.4.1.1.77.1.6");
        var set = Write(TestAnnotations.Slide() with { Image = image }, 1);
        Assert.Equal("Müller", set.Text(DicomTag.PatientName));
        Assert.Equal("ISO_IR 100", set.Text(DicomTag.CharacterSet));
        Assert.Equal("4711", set.Text(DicomTag.PatientId));
        Assert.Equal("20240229", set.Text(DicomTag.ContentDate));
        Assert.Equal("1.2.3", set.Text(DicomTag.StudyInstance));
        Assert.StartsWith("2.25.", set.Text(DicomTag.SeriesInstance), StringComparison.Ordinal);
        Assert.True(set.Has(DicomTag.AccessionNumber));
        var series = set.FirstItem(DicomTag.ReferencedSeries)!;
        Assert.Equal("1.2.3.4", series.Text(DicomTag.SeriesInstance));
        Assert.Equal("1.2.3.4.5", series.FirstItem(DicomTag.ReferencedInstances)!.Text(DicomTag.ReferencedSopInstance));

        // A part of a concatenation is not referred to, but the image it is a part of.
        image.Set(DicomTag.ConcatenationSource, "1.2.3.4.9");
        Assert.Equal(
            "1.2.3.4.9",
            Write(TestAnnotations.Slide() with { Image = image }, 1).FirstItem(DicomTag.ReferencedImages)!.Text(DicomTag.ReferencedSopInstance));
    }

    [Fact]
    public void TheSameInputGivesTheSameBytesAndAnotherModelAnotherObject()
    {
        var first = Write(TestAnnotations.Slide(), 50, out var bytes);
        Write(TestAnnotations.Slide(), 50, out var again);
        Assert.Equal(bytes, again);
        var other = Write(TestAnnotations.Slide() with { Key = "other model" }, 50);
        Assert.NotEqual(first.Text(DicomTag.SopInstance), other.Text(DicomTag.SopInstance));
        Assert.Equal(first.Text(DicomTag.StudyInstance), other.Text(DicomTag.StudyInstance));
        Assert.NotEqual(
            first.Text(DicomTag.StudyInstance),
            Write(TestAnnotations.Slide() with { Fingerprint = "other slide" }, 50).Text(DicomTag.StudyInstance));
        Assert.All(first.Text(DicomTag.StudyInstance), c => Assert.True(c is '.' or >= '0' and <= '9'));
        Assert.InRange(first.Text(DicomTag.StudyInstance).Length, 30, 64);
    }

    [Fact]
    public void WhereSingleNumbersLoseAHundredthDoublesAreWritten()
    {
        const float Far = 131_000.37f;
        var near = Write(TestAnnotations.Slide() with { Size = new PixelSize(AnnotationGroup.MostForSingle, 9) }, 1, out _, Far);
        Assert.InRange(near.FirstItem(DicomTag.AnnotationGroups)!.Numbers(DicomTag.PointCoordinates)[0] - 131_000.37, -0.005, 0.005);
        var far = Write(TestAnnotations.Slide() with { Size = new PixelSize(AnnotationGroup.MostForSingle + 1, 9) }, 1, out _, Far);
        var group = far.FirstItem(DicomTag.AnnotationGroups)!;
        Assert.False(group.Has(DicomTag.PointCoordinates));
        Assert.Equal(131_000.37, group.Numbers(DicomTag.DoublePointCoordinates)[0]);
    }

    [Fact]
    public void AnInterruptedRunLeavesNothing()
    {
        using (var writer = new NucleusWriter([new DicomAnnotationsOutput(_folder.File("a.ann.dcm"), TestAnnotations.Slide(), _names)], "run"u8))
        {
            writer.Add(Square(1, 1), Values(1, 2));
            Assert.Equal(3, Directory.GetFiles(_folder.Path).Length);
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void MemoryDoesNotGrowWithTheNuclei()
    {
        const int Count = 300_000;
        OutlinePoint[] ring = [new(0, 0), new(100, 0), new(0, 100)];
        var (nucleus, values) = (Square(0, 0), Values(1, 2));
        using var output = new DicomAnnotationsOutput(_folder.File("a.ann.dcm"), TestAnnotations.Slide(), _names);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Count; i++)
        {
            output.Add(new SegmentedNucleus { Ordinal = i, Id = Guid.Empty, Outline = ring, Nucleus = nucleus, Measurements = values });
        }

        output.Complete();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32L << 20);
        Assert.InRange(new FileInfo(output.Path).Length, Count * 88L, (Count * 88L) + 10_000);
    }

    [Fact]
    public void MoreThanAnElementHoldsIsRefusedWithTheWayOut()
    {
        using var group = new AnnotationGroup(_folder.File("a.ann.dcm"), 0, TestAnnotations.Slide(), 0) { MostBytes = 100 };
        OutlinePoint[] ring = [new(0, 0), new(100, 0), new(0, 100)];
        Add();
        Add();
        Add();
        Add();
        var refused = Assert.Throws<SlideException>(Add);
        Assert.Contains("slide.svs", refused.Message, StringComparison.Ordinal);
        Assert.Contains("GeoJSON", refused.Message, StringComparison.Ordinal);

        void Add() => group.Add(new SegmentedNucleus { Ordinal = 0, Id = Guid.Empty, Outline = ring, Nucleus = Square(0, 0), Measurements = [] });
    }

    [Fact]
    public async Task PydicomReadsTheSameOutlinesAndMeasurements()
    {
        Assert.SkipUnless(
            File.Exists(Python) && (await ChildProcess.RunAsync(Python, ["-c", "import pydicom, numpy"])).ExitCode == 0,
            "needs pydicom (on Debian: apt-get install python3-pydicom)");
        var path = _folder.File("a.ann.dcm");
        var outlines = new Recorder();
        using (var writer = new NucleusWriter([new DicomAnnotationsOutput(path, TestAnnotations.Slide(), _names), outlines], "run"u8))
        {
            var random = new Random(5);
            for (var i = 0; i < 500; i++)
            {
                Vector2[] ring =
                [
                    .. RandomOutlines.Star(random, 5 + random.Next(40), 900).Select(p => new Vector2((p.X / 100f) + random.Next(100_000), p.Y / 100f)),
                ];
                writer.Add(
                    new Nucleus(ring)
                    {
                        Centroid = ring[0],
                        Area = 1,
                        MeanProbability = 1,
                        BoundaryConfidence = 1,
                    },
                    Values(i + 0.25f, i % 3 == 0 ? float.NaN : i));
            }

            writer.Complete();
        }

        const string Script = """
            import json, sys, numpy, pydicom
            group = pydicom.dcmread(sys.argv[1]).AnnotationGroupSequence[0]
            points = numpy.frombuffer(group.PointCoordinatesData, '<f4').astype(float)
            starts = numpy.frombuffer(group.LongPrimitivePointIndexList, '<u4') - 1
            values = group.MeasurementsSequence[1].MeasurementValuesSequence[0]
            print(json.dumps({'outlines': [part.tolist() for part in numpy.split(points, starts[1:])],
                'perimeters': dict(zip(numpy.frombuffer(values.AnnotationIndexList, '<u4').tolist(), numpy.frombuffer(values.FloatingPointValues, '<f4').tolist()))}))
            """;
        var read = await ChildProcess.RunAsync(Python, ["-c", Script, path]);
        Assert.True(read.ExitCode == 0, read.Error);
        using var json = JsonDocument.Parse(read.Output);
        var parts = json.RootElement.GetProperty("outlines");
        Assert.Equal(outlines.Rings.Count, parts.GetArrayLength());
        for (var i = 0; i < outlines.Rings.Count; i++)
        {
            double[] numbers = [.. parts[i].EnumerateArray().Select(n => n.GetDouble())];
            double[] expected = [.. outlines.Rings[i].SelectMany(p => new[] { p.X / 100.0, p.Y / 100.0 })];
            Assert.Equal(expected.Length, numbers.Length);
            Assert.All(expected.Zip(numbers), pair => Assert.InRange(pair.Second - pair.First, -0.01, 0.01));
        }

        var perimeters = json
            .RootElement.GetProperty("perimeters")
            .EnumerateObject()
            .ToDictionary(p => int.Parse(p.Name, CultureInfo.InvariantCulture) - 1, p => p.Value.GetDouble());
        Assert.Equal(Enumerable.Range(0, outlines.Rings.Count).Where(i => i % 3 != 0), perimeters.Keys.Order());
        Assert.All(perimeters, p => Assert.Equal(p.Key, p.Value));
    }

    [Fact]
    public async Task DciodvfyFindsNoErrorOfOurs()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/dciodvfy"), "needs dciodvfy (on Debian: apt-get install dicom3tools)");
        Write(TestAnnotations.Slide(), 20);
        var check = await ChildProcess.RunAsync("/usr/bin/dciodvfy", [_folder.File("a.ann.dcm")]);
        var lines = (check.Output + check.Error).Split('\n');
        Assert.Contains("MicroscopyBulkSimpleAnnotations", lines);

        // It complains of the attribute where it is absent too, as it must be for 2D: the same of every other program's annotations.
        Assert.Equal(
            ["Error - Only valid for AnnotationCoordinateType of 3D - attribute <CommonZCoordinateValue> = <>"],
            lines.Where(l => l.StartsWith("Error", StringComparison.Ordinal)));
    }

    private static Nucleus Triangle(float x, float y, int type) => Make([new(x, y), new(x + 4, y), new(x, y + 3.25f)], type);

    private static Nucleus Square(float x, float y, int type = 0) => Make([new(x, y), new(x + 4, y), new(x + 4, y + 4), new(x, y + 4)], type);

    private static Nucleus Make(Vector2[] ring, int type) =>
        new(ring)
        {
            Centroid = ring[0],
            Area = 1,
            MeanProbability = 1,
            BoundaryConfidence = 1,
            Type = type,
        };

    private static float[] Values(float area, float perimeter) => [area, perimeter, .. Enumerable.Repeat(0.5f, _names.Length - 2)];

    private static DicomDataSet Read(string path, out byte[] bytes)
    {
        bytes = File.ReadAllBytes(path);
        using var file = File.OpenHandle(path);
        return new DicomReader(file).ReadFile();
    }

    private DicomDataSet Write(AnnotatedSlide slide, int nuclei) => Write(slide, nuclei, out _);

    private DicomDataSet Write(AnnotatedSlide slide, int nuclei, out byte[] bytes, float x = 5)
    {
        var path = _folder.File("a.ann.dcm");
        using (var writer = new NucleusWriter([new DicomAnnotationsOutput(path, slide, _names)], "run"u8))
        {
            for (var i = 0; i < nuclei; i++)
            {
                writer.Add(Square(x, 10 * i), Values(i, i));
            }

            writer.Complete();
        }

        return Read(path, out bytes);
    }

    /// <summary>Keeps the outlines as all outputs get them.</summary>
    private sealed class Recorder : INucleusOutput
    {
        public List<OutlinePoint[]> Rings { get; } = [];

        public string Path => "";

        public void Add(in SegmentedNucleus nucleus) => Rings.Add([.. nucleus.Outline]);

        public void Complete()
        {
        }

        public void Dispose()
        {
        }
    }
}
