using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;

namespace HoverFast.Jobs.Finished;

/// <summary>
/// How one nucleus of a result came about: the slide around it, the network's maps, their gradient, seeds and split, its outline, and where its measurements lie
/// in the slide. The tile is segmented again as it was, so slide, program, model and settings must be the same.
/// </summary>
public sealed class NucleusExplanation
{
    private readonly ExplanationViews _views;

    private NucleusExplanation(
        FinishedResult result,
        WrittenNucleus nucleus,
        IReadOnlyList<ExplainedMeasurement> measurements,
        long nuclei,
        string training,
        TeacherAnswer? teacher,
        ExplanationViews views)
    {
        (Result, Id, Type, Measurements, Nuclei, Training, _views) = (result.Name, nucleus.Id, nucleus.Type, measurements, nuclei, training, views);
        (Teacher, TeacherIou) = (teacher?.Words, teacher?.Iou);
        Slide = result.Manifest.Slide.File;
        Model = $"{result.Manifest.Model.Name} {result.Manifest.Model.Version}";
    }

    /// <summary>The result's name.</summary>
    public string Result { get; }

    /// <summary>The slide's file name.</summary>
    public string Slide { get; }

    /// <summary>The model with its version.</summary>
    public string Model { get; }

    /// <summary>The nucleus's identity.</summary>
    public Guid Id { get; }

    /// <summary>Its type, or null.</summary>
    public string? Type { get; }

    /// <summary>Its measurements, as the result's file has them.</summary>
    public IReadOnlyList<ExplainedMeasurement> Measurements { get; }

    /// <summary>Nuclei of the slide that it was compared with, itself included.</summary>
    public long Nuclei { get; }

    /// <summary>What the percentiles among the training data stand on, or why there are none; a sentence.</summary>
    public string Training { get; }

    /// <summary>What the teacher says of it, in a sentence or two; null where none was asked.</summary>
    public string? Teacher { get; }

    /// <summary>Intersection over union of its outline and the teacher's closest, 0 where the teacher sees none; null where no teacher was asked.</summary>
    public double? TeacherIou { get; }

    /// <summary>Regions that its connected component of nucleus pixels was divided into: 1 where nothing was split.</summary>
    public int Regions => _views.Regions;

    /// <summary>Explains a nucleus.</summary>
    /// <param name="result">The result's manifest, or one of its files.</param>
    /// <param name="id">The nucleus's identity.</param>
    /// <param name="slide">The slide's file; null looks in the folder of results and the one above it.</param>
    /// <param name="model">Name or path of the model; null for the built-in one that the result names.</param>
    /// <param name="teacher">Name or path of another model that is asked too; null for none.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SlideException">There is no such result or nucleus; the slide isn't there, or is another; or something else has changed.</exception>
    /// <exception cref="ModelException">The model isn't there, or is another one.</exception>
    public static NucleusExplanation Of(
        string result,
        Guid id,
        string? slide = null,
        string? model = null,
        string? teacher = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(result);
        var finished = FinishedResult.Named(result);
        var file = finished.Manifest.Outputs.FirstOrDefault(WrittenNuclei.AreIn)
            ?? throw new SlideException(result, "has no file of nuclei with their outlines: write GeoJSON or Parquet.");
        var nucleus = WrittenNuclei.Read(finished, file).FirstOrDefault(n => n.Id == id)
            ?? throw new SlideException(file.File, $"holds no nucleus {id}.");
        var made = finished.Manifest.Model;
        var learned = MeasurementCard.BuiltIn.Of(made.Name, made.Sha256, finished.Manifest.Settings.Stain);
        var (measurements, nuclei) = Place(nucleus, WrittenNuclei.Read(finished, file), learned);
        cancellation.ThrowIfCancellationRequested();
        using var models = new FinishedModels(model);
        var path = slide ?? new SlideSearch(null, finished.Folder).Find(finished.Manifest.Slide);
        using var session = finished.Open(path, models, ThreadCount.Available);
        var answer = teacher is null ? null : Ask(teacher, path, session, nucleus, cancellation);
        return new NucleusExplanation(
            finished,
            nucleus,
            measurements,
            nuclei,
            TrainingOf(made.Name, finished.Manifest.Settings.Stain, learned),
            answer,
            ExplanationViews.Of(session, nucleus, answer, cancellation));
    }

    private static TeacherAnswer Ask(string teacher, string path, SlideSession session, WrittenNucleus nucleus, CancellationToken cancellation)
    {
        using var model = ModelCatalog.Load(teacher);
        using var shown = SlideSession.Open(
            path,
            model,
            session.Settings with { TileSize = null, Views = 1 },
            new SlideCalibrator { Stated = session.Calibration.Mpp },
            cancellation);
        return TeacherAnswer.Of(shown, nucleus, cancellation);
    }

    private static string TrainingOf(string model, string stain, MeasurementQuantiles? learned) =>
        learned is not null
            ? $"Training data: {learned.Nuclei} nuclei that {model} finds in {learned.Pictures} pictures that it learned from."
            : $"Where measurements lie in the training data is known of {string.Join(" and ", MeasurementCard.BuiltIn.Models.Keys)} on H&E, not of {model}{(stain == MeasurementCard.BuiltIn.Stain ? "" : " in this stain")}.";

    /// <summary>Writes all views and the measurements as one picture (PNG).</summary>
    /// <param name="path">Where to; whole or not at all.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    public void WritePng(string path) => PartialFile.Write(path, stream => ExplanationSheet.Write(stream, this, _views));

    /// <summary>Writes a page (HTML) that needs nothing else: no script, no font, no network.</summary>
    /// <param name="path">Where to; whole or not at all.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    public void WriteHtml(string path) => PartialFile.WriteText(path, ExplanationPage.Of(this, _views));

    private static (IReadOnlyList<ExplainedMeasurement> Measurements, long Nuclei) Place(
        WrittenNucleus nucleus,
        IEnumerable<WrittenNucleus> all,
        MeasurementQuantiles? learned)
    {
        var names = nucleus.Values.Keys.ToArray();
        var (less, same, known) = (new long[names.Length], new long[names.Length], new long[names.Length]);
        var count = 0L;
        foreach (var other in all)
        {
            count++;
            for (var i = 0; i < names.Length; i++)
            {
                if (other.Values.TryGetValue(names[i], out var value))
                {
                    known[i]++;
                    less[i] += value < nucleus.Values[names[i]] ? 1 : 0;
                    same[i] += value == nucleus.Values[names[i]] ? 1 : 0;
                }
            }
        }

        return (
            [
                .. names.Select((n, i) => new ExplainedMeasurement(
                    n,
                    nucleus.Values[n],
                    100 * (less[i] + (same[i] / 2.0)) / known[i],
                    learned?.Percentile(n, nucleus.Values[n]))),
            ],
            count);
    }
}
