using System.Text.Json;
using HoverFast.Files;
using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>The pixel size of a folder of soft maps, kept in it as maps.json.</summary>
internal static class MapsInfo
{
    private const string FileName = "maps.json";

    public static void Write(string folder, Mpp mpp) =>
        PartialFile.Write(Path.Combine(folder, FileName), file => JsonSerializer.Serialize(file, new { mpp = mpp.MicronsPerPixel }));

    /// <exception cref="InvalidDataException">The file is missing or damaged.</exception>
    public static Mpp Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return new Mpp(json.RootElement.GetProperty("mpp").GetDouble());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FileNotFoundException or ArgumentException)
        {
            throw new InvalidDataException($"{path}: says nothing of the soft maps' pixel size; make them again with 'distill label'.", e);
        }
    }
}
