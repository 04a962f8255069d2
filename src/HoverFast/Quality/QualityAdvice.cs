namespace HoverFast.Quality;

/// <summary>What to do with a result, as far as its slide tells.</summary>
internal enum QualityAdvice
{
    /// <summary>The slide is like those that the students were judged on.</summary>
    Trust,

    /// <summary>Something differs, or little accuracy is expected: look at the outlines.</summary>
    Look,

    /// <summary>It is another kind of picture, on which the model may do well or not: adapt it with a few labelled tiles, or evaluate it.</summary>
    Adapt,

    /// <summary>It is nothing that the model knows.</summary>
    Refuse,
}
