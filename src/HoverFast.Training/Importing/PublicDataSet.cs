namespace HoverFast.Training.Importing;

/// <summary>A data set that others publish, and how its files are read.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Source">Authors, publication and address.</param>
/// <param name="Licence">Its licence; empty where the user states it.</param>
/// <param name="Mpp">Pixel size in um/px; null where the user states it.</param>
/// <param name="Layout">What the folder must hold, in words.</param>
/// <param name="Notes">What who trains on it should know, or null.</param>
/// <param name="Read">Reads the tiles of a folder, one after the other; the log takes what is left out and why.</param>
internal sealed record PublicDataSet(
    string Name, string Source, string Licence, double? Mpp, string Layout, string? Notes, Func<string, TextWriter, IEnumerable<ImportedTile>> Read);
