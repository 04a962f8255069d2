namespace HoverFast.Pipeline;

/// <summary>Which weights of an adapted model segment a slide; other models have one kind only.</summary>
public enum WeightChoice
{
    /// <summary>The adapted ones where the slide's tissue looks like the tiles that they learned, else those of the start.</summary>
    Auto,

    /// <summary>The adapted ones, whatever the slide.</summary>
    Adapted,

    /// <summary>Those of the start, whatever the slide.</summary>
    Start,
}
