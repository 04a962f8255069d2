namespace HoverFast.Review.Logs;

/// <summary>The result that a review is of. A result made anew, by another model say, has other nuclei, and needs a review of its own.</summary>
/// <param name="Slide">Name of the result.</param>
/// <param name="Sha256">Hash of its file of nuclei.</param>
/// <param name="Model">Name and version of the model that found them.</param>
/// <param name="Mpp">Pixel size of the outlines, um/px.</param>
internal sealed record ReviewedResult(string Slide, string Sha256, string Model, double Mpp);
