namespace HoverFast.Slides.Jpeg2000;

/// <summary>One component of a tile, cut into resolutions (T.800 B.5).</summary>
internal sealed class TileComponent
{
    public TileComponent(CodingStyle style, int x0, int y0, int x1, int y1, ref long blocks)
    {
        Resolutions = new Resolution[style.Levels + 1];
        for (var r = 0; r < Resolutions.Length; r++)
        {
            Resolutions[r] = new Resolution(style, r, x0, y0, x1, y1, ref blocks);
        }
    }

    /// <summary>The coarsest first.</summary>
    public Resolution[] Resolutions { get; }
}
