namespace HoverFast.Review.Edits;

/// <summary>An edit as somebody asks for it.</summary>
public sealed record NucleusEdit
{
    /// <summary>What to do.</summary>
    public required EditKind What { get; init; }

    /// <summary>In which field.</summary>
    public required string Field { get; init; }

    /// <summary>Who asks.</summary>
    public required string Who { get; init; }

    /// <summary>The last entry of the slide's log that the person had seen; a nucleus changed after it by somebody else isn't touched.</summary>
    public required long Seen { get; init; }

    /// <summary>The nuclei: one for <see cref="EditKind.Redraw"/> and <see cref="EditKind.Split"/>, two or more for <see cref="EditKind.Merge"/>.</summary>
    public IReadOnlyList<Guid> Nuclei { get; init; } = [];

    /// <summary>
    /// The outline that is drawn, or the line to split along: x0, y0, x1, y1, ... in full-resolution pixels from the corner of the slide's bounds.
    /// </summary>
    public IReadOnlyList<double> Points { get; init; } = [];

    /// <summary>The class for <see cref="EditKind.SetClass"/> and <see cref="EditKind.Add"/>; null takes a class away.</summary>
    public string? Class { get; init; }

    /// <summary>Why, if the person says so.</summary>
    public string? Why { get; init; }
}
