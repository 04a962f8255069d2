using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Nuclei;

/// <summary>What is left to the model: more is drawn where match probabilities hold, and the unlikely is left out.</summary>
public sealed class FinderSettingsTests
{
    [Fact]
    public void WhatIsNotGivenIsSettledByTheModel()
    {
        var (judged, other) = (new FinderSettings().Settled(isJudged: true), new FinderSettings().Settled(isJudged: false));
        Assert.True(judged.MinArea < other.MinArea && judged.SplitDepth < other.SplitDepth && judged.MinMeanProbability < other.MinMeanProbability);
        Assert.Equal((FinderSettings.LikelyEnough, 0.0), (judged.MinMatchProbability, other.MinMatchProbability));
        Assert.Equal(judged, judged.Settled(isJudged: false));
    }

    [Fact]
    public void WhatIsGivenStays()
    {
        var given = new FinderSettings { SplitDepth = 0.1, MinArea = 9, MinMeanProbability = 0.8, MinMatchProbability = 0.5 };
        Assert.Equal(given, given.Settled(isJudged: true));
        Assert.Equal(given, given.Settled(isJudged: false));
    }

    [Fact]
    public async Task UnlikelyNucleiAreLeftOutAndNoOthers()
    {
        using var model = NucleusModel.LoadBuiltIn();
        var all = await Find(new FinderSettings { MinMatchProbability = 0 });
        Assert.Contains(all, n => n.MatchProbability < FinderSettings.LikelyEnough);
        foreach (var least in (double?[])[null, 0.6])
        {
            var kept = await Find(new FinderSettings { MinMatchProbability = least });
            Assert.Equal(all.Where(n => n.MatchProbability >= (least ?? FinderSettings.LikelyEnough)).Select(n => n.Centroid), kept.Select(n => n.Centroid));
            Assert.NotEmpty(kept);
            Assert.True(kept.Count < all.Count, $"{kept.Count} of {all.Count}");
        }

        async Task<List<DetectedNucleus>> Find(FinderSettings finder)
        {
            using var segmenter = new SlideSegmenter(model, new SegmentSettings { Finder = finder }, new SlideCalibrator { Stated = new Mpp(0.25) });
            var found = new List<DetectedNucleus>();
            foreach (var name in LabelledTiles.Names("tnbc"))
            {
                await foreach (var nucleus in segmenter.FindNucleiAsync(LabelledTiles.Image("tnbc", name), TestContext.Current.CancellationToken))
                {
                    found.Add(nucleus);
                }
            }

            return found;
        }
    }

    [Fact]
    public void MatchProbabilitiesHoldForStudentsAndWhatIsAdaptedFromThem()
    {
        using var model = NucleusModel.LoadBuiltIn();
        Assert.Equal("hoverfast-he", MatchCalibration.NameFor(model.Card));
        Assert.Equal("hoverfast-he-fast", MatchCalibration.NameFor(model.Card with { Name = "hoverfast-he-fast-float32" }));
        Assert.Equal("hoverfast-he-fast", MatchCalibration.NameFor(model.Card with { Name = "ours", Calibration = "hoverfast-he-fast" }));
        Assert.False(MatchCalibration.HoldsFor(model.Card with { Name = "ours" }));
        Assert.False(MatchCalibration.HoldsFor(model.Card with { Name = "ours", Calibration = "nobody's" }));

        // The picture's warnings are those of the students' own training data.
        Assert.False(MatchCalibration.IsFittedTo(model.Card with { Name = "ours", Calibration = "hoverfast-he" }));
    }
}
