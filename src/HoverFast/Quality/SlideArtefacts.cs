namespace HoverFast.Quality;

/// <summary>The artefacts of each field of a slide: those that a field tells by itself, and those that are judged over its neighbours.</summary>
internal sealed class SlideArtefacts
{
    private readonly QualityJudge _judge;
    private readonly IReadOnlySet<(int Row, int Column)> _folds;
    private readonly IReadOnlySet<(int Row, int Column)> _bubbles;
    private readonly IReadOnlySet<(int Row, int Column)> _dust;

    /// <summary>Looks at all fields of a slide.</summary>
    /// <param name="map">The fields.</param>
    /// <param name="judge">Who judges a field by itself.</param>
    public SlideArtefacts(FieldMap map, QualityJudge judge)
    {
        var grid = new BlockGrid(map);
        (_judge, _folds, _bubbles, _dust) = (judge, FoldFinder.Find(grid), BubbleFinder.Find(grid), DustFinder.Find(map));
    }

    /// <summary>What was done to the tissue of a field, or to its picture: pen, dark, bright, blurred, fold, bubble, dust; empty where nothing was.</summary>
    /// <param name="field">The field.</param>
    /// <param name="quality">How it was judged; null to judge it.</param>
    public IReadOnlyList<string> Of(FieldSums field, SlideQuality? quality = null)
    {
        var artefacts = FieldQuality.ArtefactsOf(field, quality ?? _judge.Judge(field));
        if (_folds.Contains((field.Row, field.Column)))
        {
            artefacts.Add("fold");
        }

        if (_bubbles.Contains((field.Row, field.Column)))
        {
            artefacts.Add("bubble");
        }

        // The rim of a bubble and black ink are of no colour either.
        else if (_dust.Contains((field.Row, field.Column)) && !artefacts.Contains("dark"))
        {
            artefacts.Add("dust");
        }

        return artefacts;
    }
}
