using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Pipeline;

/// <summary>A network on its way down a tile. Dispose it when it is done with.</summary>
internal interface IBandNetwork : IDisposable
{
    /// <summary>Pixels of the tile on a side of a pixel of the maps.</summary>
    int OutputStride { get; }

    /// <summary>Whether the maps have types.</summary>
    bool TellsTypes { get; }

    /// <summary>How far the network goes at least to make the maps down to a row of the tile.</summary>
    /// <param name="row">The row.</param>
    /// <returns>The row to which the maps will be made, and the first one whose picture isn't needed yet.</returns>
    (int Made, int Needed) Reach(int row);

    /// <summary>Goes on with the network.</summary>
    /// <param name="picture">The rows of the tile from <paramref name="top"/> on, as far as they are needed.</param>
    /// <param name="maps">Rows of the maps, from the same on: takes those that were not made before.</param>
    /// <param name="top">The tile's row that both begin with.</param>
    /// <param name="to">The tile's row to go to, as <see cref="Reach"/> has it.</param>
    void Infer(RgbImage picture, NucleusMaps maps, int top, int to);
}
