namespace HoverFast.Training.Adaptation;

/// <summary>A labelled set of a <see cref="CurveConfiguration"/>.</summary>
/// <param name="Name">Short name.</param>
/// <param name="Folder">Folder with images/ and labels/.</param>
/// <param name="Mpp">Pixel size in um/px.</param>
/// <param name="Groups">Organs or patients to take, by what their names begin with; null for all.</param>
/// <param name="Haematoxylin">Whether the pictures are turned into haematoxylin alone, as segmenting IHC does.</param>
internal sealed record CurveSet(string Name, string Folder, double Mpp, IReadOnlyList<string>? Groups = null, bool Haematoxylin = false);
