namespace HoverFast.Tests.Slides;

/// <summary>What a file says about where its frames begin.</summary>
public enum OffsetTable
{
    None,
    Right,
    Wrong,
    Extended,
}
