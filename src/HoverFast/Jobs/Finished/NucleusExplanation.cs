using HoverFast.Files;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
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
        ExplanationViews views)
    {
        (Result, Id, Type, Measurements, Nuclei, _views) = (result.Name, nucleus.Id, nucleus.Type, measurements, nuclei, views);
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

    /// <summary>Regions that its connected component of nucleus pixels was divided into: 1 where nothing was split.</summary>
    public int Regions => _views.Regions;

    /// <summary>Explains a nucleus.</summary>
    /// <param name="result">The result's manifest, or one of its files.</param>
    /// <param name="id">The nucleus's identity.</param>
    /// <param name="slide">The slide's file; null looks in the folder of results and the one above it.</param>
    /// <param name="model">Name or path of the model; null for the built-in one that the result names.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SlideException">There is no such result or nucleus; the slide isn't there, or is another; or something else has changed.</exception>
    /// <exception cref="Model.ModelException">The model isn't there, or is another one.</exception>
    public static NucleusExplanation Of(string result, Guid id, string? slide = null, string? model = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(result);
        var finished = FinishedResult.Named(result);
        var file = finished.Manifest.Outputs.FirstOrDefault(WrittenNuclei.AreIn)
            ?? throw new SlideException(result, "has no file of nuclei with their outlines: write GeoJSON or Parquet.");
        var nucleus = WrittenNuclei.Read(finished, file).FirstOrDefault(n => n.Id == id)
            ?? throw new SlideException(file.File, $"holds no nucleus {id}.");
        var (measurements, nuclei) = Place(nucleus, WrittenNuclei.Read(finished, file));
        cancellation.ThrowIfCancellationRequested();
        using var models = new FinishedModels(model);
        var path = slide ?? new SlideSearch(null, finished.Folder).Find(finished.Manifest.Slide);
        using var session = finished.Open(path, models, ThreadCount.Available);
        return new NucleusExplanation(finished, nucleus, measurements, nuclei, ExplanationViews.Of(session, nucleus, cancellation));
    }

    /// <summary>Writes all views and the measurements as one picture (PNG).</summary>
    /// <param name="path">Where to; whole or not at all.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    public void WritePng(string path) => PartialFile.Write(path, stream => ExplanationSheet.Write(stream, this, _views));

    /// <summary>Writes a page (HTML) that needs nothing else: no script, no font, no network.</summary>
    /// <param name="path">Where to; whole or not at all.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    public void WriteHtml(string path) => PartialFile.WriteText(path, ExplanationPage.Of(this, _views));

    private static (IReadOnlyList<ExplainedMeasurement> Measurements, long Nuclei) Place(WrittenNucleus nucleus, IEnumerable<WrittenNucleus> all)
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

        return ([.. names.Select((n, i) => new ExplainedMeasurement(n, nucleus.Values[n], 100 * (less[i] + (same[i] / 2.0)) / known[i]))], count);
    }
}
