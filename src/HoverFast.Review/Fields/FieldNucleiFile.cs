using System.Security.Cryptography;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Review.Logs;
using NetTopologySuite.Geometries;

namespace HoverFast.Review.Fields;

/// <summary>
/// The nuclei in and around the fields of a session on one slide, as the model found them, taken out of the result once: a slide may have millions, its fields
/// have hundreds.
/// </summary>
internal static class FieldNucleiFile
{
    /// <summary>Where it lies.</summary>
    public static string PathFor(string folder, string session, string slide) => Path.Combine(folder, $"{session}.{slide}.nuclei.json");

    /// <summary>Takes the nuclei out of a result.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="result">The result.</param>
    /// <param name="fields">The fields on its slide.</param>
    /// <returns>SHA-256 of the file.</returns>
    public static string Write(string path, SlideResult result, IEnumerable<ReviewField> fields)
    {
        var margin = SessionPlan.Margin / result.Mpp.MicronsPerPixel;
        List<Envelope> boxes = [.. fields.Select(f => new Envelope(f.X - margin, f.X + f.Width + margin, f.Y - margin, f.Y + f.Height + margin))];
        List<ResultNucleus> nuclei = [.. ResultNucleus.ReadAll(result.NucleiPath).Where(n => boxes.Exists(b => b.Intersects(n.Shape.Outline.Box)))];
        if (nuclei.Exists(n => n.Id == Guid.Empty))
        {
            throw new ReviewException($"{result.NucleiPath}: nuclei have no UUID. Segment the slide again.");
        }

        var bytes = JsonSerializer.SerializeToUtf8Bytes(nuclei, ReviewEntry.Json);
        PartialFile.Write(path, file => file.Write(bytes));
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="ReviewException">It is gone or damaged.</exception>
    public static IReadOnlyList<ResultNucleus> Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<List<ResultNucleus>>(RegularFile.ReadAllBytes(path, 1L << 30), ReviewEntry.Json)!;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new ReviewException($"{path}: the nuclei of the fields can't be read ({e.Message.TrimEnd('.')}). Draw new fields.", e);
        }
    }
}
