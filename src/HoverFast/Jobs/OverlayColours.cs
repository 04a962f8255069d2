namespace HoverFast.Jobs;

/// <summary>What the colours of an overlay's lines tell.</summary>
public enum OverlayColours
{
    /// <summary>The nucleus's type where the model knows types; else neighbours take turns.</summary>
    Type,

    /// <summary>The chance that a person's outline matches, from red over yellow to cyan; the scale stands below the picture.</summary>
    MatchProbability,
}
