using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Training.Data;

namespace HoverFast.Training.Trust;

/// <summary>Segments labelled pictures as the program does, and keeps what was seen of each.</summary>
internal sealed class SampleMaker(NucleusModel model, string scratch)
{
    // Which are left out is decided by each calibration that is fitted.
    private static readonly SegmentSettings _settings = new() { Threads = 1, Finder = new FinderSettings { MinMatchProbability = 0 } };

    /// <summary>Makes the sample of one picture.</summary>
    /// <param name="set">The set's name.</param>
    /// <param name="tile">The picture and its labels.</param>
    /// <param name="mpp">Its pixel size.</param>
    /// <param name="degradation">What is done to it.</param>
    /// <param name="strength">How much.</param>
    public TrustSample Make(string set, TileFile tile, Mpp mpp, Degradation degradation, double strength)
    {
        var truth = LabelImageFile.Read(tile.Labels ?? throw new TrainingException(tile.Picture, "its labels are missing."));
        var (path, isCopy) = (tile.Picture, degradation is not (Degradation.None or Degradation.Scale));
        if (isCopy)
        {
            path = Path.Combine(scratch, $"{set.Replace('/', '-')}-{tile.Name}-{degradation}-{Guid.NewGuid():N}.png");
            RgbImageFile.WritePng(
                path,
                DegradedPicture.Of(RgbImageFile.Read(tile.Picture), degradation, strength, NameSeed.Of(tile.Name, 3)));
        }

        try
        {
            var stated = degradation == Degradation.Scale ? new Mpp(mpp.MicronsPerPixel * strength) : mpp;
            using var session = SlideSession.Open(path, model, _settings, new SlideCalibrator { Stated = stated });
            var (labels, evidence, sums) = Segment(session);
            var known = KnownLabels.Of(truth, labels, KnownLabels.MaskOf(tile.Labels, truth.Size));
            var overlap = LabelOverlap.Of(known.Truth, known.Found);
            var ious = overlap.Matches.ToDictionary(m => m.Predicted, m => (double)m.Shared / overlap.Union(m));
            var shared = overlap.Pairs.ToLookup(p => p.Predicted, p => p.Shared);
            var present = known.Found.Labels.ToHashSet();
            return new TrustSample
            {
                Set = set,
                Name = tile.Name,
                Degradation = degradation,
                Strength = strength,
                Model = model.Card.Name,
                Score = SegmentationMetrics.Compare(known.Truth, known.Found, mpp),
                Sums = sums,
                Nuclei =
                [
                    .. evidence.Index()
                        .Where(e => !known.LeftOut.Contains(e.Index + 1))
                        .Select(e => present.Contains(e.Index + 1) ? Judged(e.Item, overlap.Predicted.NumberOf(e.Index + 1)) : new JudgedNucleus(e.Item, 0)),
                ],
            };

            JudgedNucleus Judged(double[] row, int number) =>
                new(row, ious.GetValueOrDefault(number), Math.Exp(row[NucleusEvidence.Area]), overlap.Predicted.Areas[number], shared[number].Sum());
        }
        finally
        {
            if (isCopy)
            {
                File.Delete(path);
            }
        }
    }

    private (LabelImage Labels, List<double[]> Evidence, FieldSums Sums) Segment(SlideSession session)
    {
        var steps = session.Steps(CancellationToken.None);
        var rows = new Dictionary<Nucleus, double[]>();
        steps.Observer = (nucleus, row) => rows[nucleus] = row;
        using var output = new LabelImageOutput(session.Slide.Path, session.Slide.Levels[0].Size, session.Calibration.Mpp);
        using var writer = new NucleusWriter([output], []);
        var evidence = new List<double[]>();
        var sums = new FieldSums(0, 0);
        foreach (var tile in session.Tiles(CancellationToken.None))
        {
            var found = steps.Look(tile);
            foreach (var field in found.Fields)
            {
                sums.Add(field);
            }

            foreach (var nucleus in found.Nuclei)
            {
                var (x, y) = ((double)tile.Input.X + nucleus.Centroid.X, (double)tile.Input.Y + nucleus.Centroid.Y);
                if (tile.Ownership.Contains(x, y) && steps.IsInTissue(x, y) && writer.Add(steps.ToSlide(nucleus, tile.Input), []))
                {
                    evidence.Add(rows[nucleus]);
                }
            }

            rows.Clear();
        }

        return (output.Image, evidence, sums);
    }
}
