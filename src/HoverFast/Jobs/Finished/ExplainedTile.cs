using System.Numerics;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tiles;

namespace HoverFast.Jobs.Finished;

/// <summary>The tile that a nucleus belongs to, or the band of it, shown to a network again.</summary>
/// <param name="Maps">The network's maps.</param>
/// <param name="Tile">The tile or band.</param>
/// <param name="Picture">It in its own colours.</param>
/// <param name="Outline">The nucleus, in the result's pixels.</param>
internal sealed record ExplainedTile(NucleusMaps Maps, Tile Tile, RgbImage Picture, Vector2[] Outline)
{
    /// <summary>Its place on the working grid, halo included.</summary>
    public WorkingRect Input => Tile.Input;

    /// <summary>Shows it.</summary>
    /// <param name="session">The slide with the network.</param>
    /// <param name="nucleus">The nucleus.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SlideException">The slide can't be read, or the nucleus lies in no tile.</exception>
    public static ExplainedTile Of(SlideSession session, WrittenNucleus nucleus, CancellationToken cancellation)
    {
        var (grid, bounds) = (session.Grid, session.Slide.Bounds);
        var outline = Array.ConvertAll(nucleus.Outline, p => p.InPixels());
        var centre = OutlineClip.AreaOf(outline).Centroid;
        var (workingX, workingY) = ((centre.X + bounds.X) / grid.Scale, (centre.Y + bounds.Y) / grid.Scale);
        var tile = session.Tiles(cancellation).FirstOrDefault(t => t.Ownership.Contains(workingX, workingY))
            ?? throw new SlideException(session.Path, $"nucleus {nucleus.Id} lies in no tile of it.");
        var picture = new RgbImage(tile.Input.Width, tile.Input.Height);
        var steps = session.Steps(cancellation);
        steps.Read(tile.Input, picture);
        var maps = steps.Infer(picture, tile.Input);
        var band = steps.Bands(tile).First(b => b.Ownership.Contains(workingX, workingY));
        (maps, picture) = new BandWindow().Cut(band, tile, maps, picture);
        return new ExplainedTile(maps, band, picture, outline);
    }
}
