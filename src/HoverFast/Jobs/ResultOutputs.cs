using System.Globalization;
using HoverFast.Model;
using HoverFast.Output;
using HoverFast.Output.Dicom;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;

namespace HoverFast.Jobs;

/// <summary>Opens the files of a result.</summary>
internal static class ResultOutputs
{
    /// <summary>Longer side of the overview, in pixels.</summary>
    private const double OverviewSide = 2000;

    /// <summary>Side of the blocks in which pictures to draw on are read, in pixels.</summary>
    private const int Block = 256;

    /// <summary>Opens all files; when one can't be made, those before it leave nothing behind.</summary>
    /// <exception cref="SlideException">The slide is too large for one of them.</exception>
    public static IReadOnlyList<INucleusOutput> Open(IReadOnlyList<ResultFile> files, SlideSession session, ResultOptions options, SlideRun? run)
    {
        var made = new List<INucleusOutput>();
        try
        {
            foreach (var file in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
                made.Add(Open(file, session, options, run));
            }

            return made;
        }
        catch
        {
            made.ForEach(output => output.Dispose());
            throw;
        }
    }

    /// <summary>The nucleus types that are told; empty where none are. Type 0, the background, is left out.</summary>
    public static IReadOnlyList<NucleusClass> ClassesOf(SlideSession session) =>
        [.. session.Types.Select(t => new NucleusClass(t.Name, (byte)t.Colour[0], (byte)t.Colour[1], (byte)t.Colour[2]))];

    private static INucleusOutput Open(ResultFile file, SlideSession session, ResultOptions options, SlideRun? run)
    {
        var names = session.MeasurementNames;
        var mpp = session.Calibration.Mpp;
        var size = new PixelSize(session.Slide.Bounds.Width, session.Slide.Bounds.Height);
        var classes = ClassesOf(session);
        return file.Kind switch
        {
            ResultKind.GeoJson => new GeoJsonOutput(file.Path, names, classes),
            ResultKind.Csv => new CsvOutput(file.Path, mpp, names, classes),
            ResultKind.Parquet => new ParquetOutput(file.Path, mpp, names, classes),
            ResultKind.Labels when file.Path.EndsWith(".png", StringComparison.OrdinalIgnoreCase) => new LabelImageOutput(file.Path, size, mpp),
            ResultKind.Labels => new LabelTiffOutput(file.Path, size, mpp),
            ResultKind.Overlay => new OverlayOutput(
                file.Path,
                PictureOf(session, file.Path),
                classes,
                options.OverlayWidth,
                options.OverlayColour,
                options.OverlayColours == OverlayColours.MatchProbability),
            ResultKind.Overview => OpenOverview(file.Path, session, classes),
            ResultKind.DicomAnnotations => new DicomAnnotationsOutput(file.Path, AnnotatedSlideOf(session), names, classes),
            ResultKind.Quality => new QualityOutput(file.Path, () => QualityOf(session, run!), QualityFiles.WriteJson),
            ResultKind.QualityMap => OpenQualityMap(file.Path, session, run),
            ResultKind.QualityRegions => new QualityOutput(
                file.Path,
                () => QualityOf(session, run!),
                (stream, report) => QualityFiles.WriteRegions(stream, report, size)),
            ResultKind.Maps => OpenMaps(file.Path, session, options.SecondModel),
            ResultKind.Dsa => new DsaOutput(file.Path, session.Model.Card.Name, names, classes),
            _ => throw new ArgumentOutOfRangeException(nameof(file)),
        };
    }

    private static AnnotatedSlide AnnotatedSlideOf(SlideSession session) => new()
    {
        Path = session.Slide.Path,
        Image = (session.Slide as TiledSlide)?.Dicom,
        Fingerprint = session.Fingerprint,
        Key = Convert.ToHexStringLower(session.Key),
        Size = new PixelSize(session.Slide.Bounds.Width, session.Slide.Bounds.Height),
        Model = session.Model.Card.Name,
        ModelVersion = session.Model.Card.Version,
        ModelSha256 = session.Model.Card.Sha256,
        Program = Manifest.ProgramVersion(),
    };

    private static RgbImage PictureOf(SlideSession session, string path)
    {
        var bounds = session.Slide.Bounds;
        if ((long)bounds.Width * bounds.Height > ResultFolder.LargestPicture)
        {
            throw new SlideException(
                session.Slide.Path,
                $"is too large for {Path.GetFileName(path)}; an overlay is for pictures of up to {ResultFolder.LargestPicture / 1_000_000} million pixels. Open the GeoJSON in QuPath instead.");
        }

        var picture = new RgbImage(bounds.Width, bounds.Height);
        DamagedRegions.ReadInBlocks(picture, Block, (x, y, part) =>
            session.Slide.Read(0, 1, new PixelRect(bounds.X + x, bounds.Y + y, part.Width, part.Height), part));
        return picture;
    }

    private static QualityReport QualityOf(SlideSession session, SlideRun run)
    {
        var judge = QualityJudge.BuiltIn;
        var bounds = session.Slide.Bounds;
        var scale = session.Grid.Scale / session.Grid.Mpp.MicronsPerPixel;
        return new QualityReport
        {
            Slide = run.Quality,
            Fields = FieldQuality.Of(run.Fields, judge, scale, -bounds.X, -bounds.Y, run.LeftOut?.Fields),
        };
    }

    private static QualityOutput OpenQualityMap(string path, SlideSession session, SlideRun? run)
    {
        var (thumbnail, downsample) = ThumbnailOf(session);
        return new QualityOutput(
            path,
            () => QualityOf(session, run!),
            (stream, report) => QualityFiles.WritePicture(stream, report, thumbnail, downsample));
    }

    private static MapsOutput OpenMaps(string path, SlideSession session, NucleusModel? second)
    {
        var stride = session.Model.Card.OutputStride;
        var area = session.Grid.FromFullResolution(session.Slide.Bounds);
        var (left, top) = ((int)Math.Floor((double)area.X / stride), (int)Math.Floor((double)area.Y / stride));
        var size = new PixelSize((int)Math.Ceiling((double)area.Right / stride) - left, (int)Math.Ceiling((double)area.Bottom / stride) - top);
        return new MapsOutput(path, (left, top), size, new Mpp(session.Grid.Mpp.MicronsPerPixel * stride), DisagreementOf(session, second));
    }

    /// <summary>What the maps' channel of disagreement tells, as its name says it; null where there is none.</summary>
    /// <param name="session">The slide with the network.</param>
    /// <param name="second">The second model, or null.</param>
    public static string? DisagreementOf(SlideSession session, NucleusModel? second) =>
        second is not null ? $"{session.Model.Card.Name} and {second.Card.Name}"
            : session.Settings.Views > 1 ? string.Create(CultureInfo.InvariantCulture, $"{session.Settings.Views} views")
            : null;

    private static DensityOverviewOutput OpenOverview(string path, SlideSession session, IReadOnlyList<NucleusClass> classes)
    {
        var (thumbnail, downsample) = ThumbnailOf(session);
        return new DensityOverviewOutput(path, thumbnail, downsample, session.Calibration.Mpp, classes);
    }

    /// <summary>The slide's bounds as a small picture, and the full-resolution pixels in a pixel of it.</summary>
    private static (RgbImage Picture, double Downsample) ThumbnailOf(SlideSession session)
    {
        var bounds = session.Slide.Bounds;
        var mpp = session.Calibration.Mpp;
        var sampler = new SlideSampler(session.Slide, mpp, new Mpp(mpp.MicronsPerPixel * Math.Max(1, Math.Max(bounds.Width, bounds.Height) / OverviewSide)));
        var rect = sampler.Grid.FromFullResolution(bounds);
        var thumbnail = new RgbImage(rect.Width, rect.Height);
        DamagedRegions.ReadInBlocks(thumbnail, Block, (x, y, part) => sampler.Read(new WorkingRect(rect.X + x, rect.Y + y, part.Width, part.Height), part));
        return (thumbnail, sampler.Grid.Scale);
    }
}
