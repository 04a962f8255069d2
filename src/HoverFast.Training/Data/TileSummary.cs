using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>What the check of one tile found.</summary>
/// <param name="File">The tile.</param>
/// <param name="Size">Pixels of its picture.</param>
/// <param name="Nuclei">Labelled nuclei.</param>
/// <param name="MedianDiameter">Diameter in um of a disc of the median nucleus's area; null where there is none.</param>
/// <param name="Diameters">The diameters of all nuclei in um.</param>
/// <param name="PictureHash">Hash of the picture's pixels, so that copies are known.</param>
/// <param name="Errors">Why nothing can be learned from it.</param>
/// <param name="Warnings">What a user should look at.</param>
internal sealed record TileSummary(
    TileFile File,
    PixelSize Size,
    int Nuclei,
    double? MedianDiameter,
    IReadOnlyList<double> Diameters,
    UInt128 PictureHash,
    IReadOnlyList<string> Errors,
    IReadOnlyList<string> Warnings);
