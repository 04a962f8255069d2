using System.Globalization;
using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Synthetic;
using HoverFast.Training.Data;

namespace HoverFast.Training.Importing;

/// <summary>Tiles of tissue that the program draws, with labels: data that nobody has to fetch.</summary>
internal static class DrawnDataSet
{
    /// <summary>Length in um that no drawn nucleus has.</summary>
    private const double LargestNucleus = 16;

    /// <summary>The set. Each tile depends on its number and the first seed alone.</summary>
    /// <param name="tiles">How many.</param>
    /// <param name="side">Pixels on a side.</param>
    /// <param name="mpp">Pixel size in um/px.</param>
    /// <param name="firstSeed">Seed of the first tile; the others count on.</param>
    public static (DataSetInfo Info, IEnumerable<ImportedTile> Tiles) Of(int tiles, int side, double mpp, int firstSeed)
    {
        var info = new DataSetInfo
        {
            Name = "drawn",
            Source = "tissue drawn by hoverfast",
            Licence = "CC0 1.0",
            Mpp = mpp,
            Notes = "no substitute for real tissue",
        };
        return (
            info,
            Enumerable
                .Range(firstSeed, tiles)
                .Select(seed =>
                {
                    // Endless tissue fills the tile; its rim, across which nuclei go on at the other side, is cut off.
                    var margin = (int)Math.Ceiling(LargestNucleus / mpp);
                    var tissue = DrawnTissue.Draw(side + (2 * margin), side + (2 * margin), new Mpp(mpp), seed, endless: true);
                    var (picture, labels) = (new RgbImage(side, side), new LabelImage(side, side));
                    for (var y = 0; y < side; y++)
                    {
                        tissue.Image.Row(y + margin).Slice(margin * 3, side * 3).CopyTo(picture.Row(y));
                        tissue.Labels.Labels.AsSpan(((y + margin) * tissue.Labels.Width) + margin, side).CopyTo(labels.Labels.AsSpan(y * side));
                    }

            return new ImportedTile(string.Create(CultureInfo.InvariantCulture, $"drawn{seed:000000}"), picture, labels, ImportedTile.NoTypes);
        }));
    }
}
