using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Slides;
using HoverFast.Tiles;

namespace HoverFast.Pipeline;

/// <summary>Steps of the main line for one slide, each thread safe. All coordinates are working pixels of the tile's input.</summary>
internal interface ITileSteps
{
    /// <summary>Reads a rectangle of the working grid into a picture of its size.</summary>
    void Read(WorkingRect rect, RgbImage destination);

    /// <summary>The tile in the bands that its nuclei are found in, one after the other.</summary>
    IReadOnlyList<Tile> Bands(Tile tile);

    /// <summary>Begins to run the network on a tile from top to bottom; null where it takes tiles whole.</summary>
    /// <param name="rect">Where the tile lies on the working grid.</param>
    IBandNetwork? StartBands(WorkingRect rect);

    /// <summary>Runs the network on a tile that lies at a rectangle of the working grid.</summary>
    NucleusMaps Infer(RgbImage tile, WorkingRect rect);

    /// <summary>Finds the nuclei on the network's maps, judges them, and looks at the tile's quality.</summary>
    /// <param name="maps">The maps.</param>
    /// <param name="picture">The tile in its own colours.</param>
    /// <param name="tile">Where it lies: a tile or a band of one.</param>
    FoundNuclei Find(NucleusMaps maps, RgbImage picture, Tile tile);

    /// <summary>Takes the maps of a tile that <see cref="Infer"/> gave, once its nuclei are found: nobody looks at them afterwards.</summary>
    /// <returns>The maps of its core, where they are kept; or null.</returns>
    MapBlock? Finish(NucleusMaps maps, Tile tile);

    /// <summary>Whether a nucleus whose centroid is at this point of the working grid (not of the tile) is wanted.</summary>
    bool IsInTissue(double workingX, double workingY);

    /// <summary>Measures a nucleus on the tile that it was found in, as far as it lies on the slide.</summary>
    /// <param name="tile">The tile's picture.</param>
    /// <param name="nucleus">The nucleus.</param>
    /// <param name="input">Where the tile lies.</param>
    float[] Measure(RgbImage tile, Nucleus nucleus, WorkingRect input);

    /// <summary>Takes a nucleus from the tile's input to the pixels in which the slide's results are given.</summary>
    Nucleus ToSlide(Nucleus nucleus, WorkingRect input);

    /// <summary>What parts the seams between tiles, or between the bands of one.</summary>
    /// <param name="tiles">All of them, in their order.</param>
    SeamReconciler Seams(IReadOnlyList<Tile> tiles);
}
