namespace HoverFast.Pipeline;

/// <summary>What the user should know of a finished slide.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Text">A sentence.</param>
public sealed record SlideWarning(SlideWarningKind Kind, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}
