using System.IO.Compression;
using System.Text.Json;
using HoverFast.Evaluation;
using HoverFast.Files;
using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Data;

namespace HoverFast.Training.Adaptation;

/// <summary>
/// Small labelled crops that a model learned from, in one file: a ZIP with <c>pack.json</c> and, for each set, SET/images, SET/labels and, where not all is
/// known, SET/unsure. On a part the model is held to its answers while it adapts to other tissue; the rest only tells whether it has forgotten.
/// </summary>
internal static class RehearsalPack
{
    /// <summary>What <see cref="BesideModel"/> puts behind a model's name.</summary>
    public const string Ending = ".rehearsal.zip";

    private const string BuiltInName = "rehearsal.zip";
    private const string IndexName = "pack.json";
    private const long MostBytes = 256L << 20;
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>The place of the crops that adapted a model, beside it.</summary>
    public static string BesideModel(string modelPath) => Path.ChangeExtension(modelPath, null) + Ending;

    /// <summary>Unpacks the crops that come with the program (NuInsSeg, TNBC, CoNSeP; see models/rehearsal/README.md).</summary>
    /// <param name="folder">Where to.</param>
    public static IReadOnlyList<RehearsalSet> UnpackBuiltIn(string folder)
    {
        using var stream = typeof(RehearsalPack).Assembly.GetManifestResourceStream(BuiltInName)
            ?? throw new TrainingException(BuiltInName, "is not part of this build.");
        return Unpack(stream, BuiltInName, folder);
    }

    /// <summary>Unpacks a file of crops.</summary>
    /// <exception cref="TrainingException">It isn't one, or is damaged.</exception>
    public static IReadOnlyList<RehearsalSet> Unpack(string path, string folder)
    {
        using var file = File.OpenRead(path);
        return Unpack(file, path, folder);
    }

    /// <summary>Writes a file of crops (whole or not at all).</summary>
    /// <param name="path">The file.</param>
    /// <param name="sets">The sets, with their crops.</param>
    public static void Write(string path, IReadOnlyList<(RehearsalSet Set, IReadOnlyList<LabelledImage> Crops)> sets)
    {
        var scratch = Directory.CreateTempSubdirectory("hoverfast-rehearsal-").FullName;
        try
        {
            PartialFile.Write(path, stream =>
            {
                using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
                Add(IndexName, JsonSerializer.SerializeToUtf8Bytes(sets.Select(s => s.Set), _json));
                foreach (var (set, crops) in sets)
                {
                    foreach (var crop in crops)
                    {
                        Add($"{set.Name}/images/{crop.Name}.jpg", RgbImageFile.ToJpeg(crop.Image));
                        AddLabels($"{set.Name}/labels/{crop.Name}.png", crop.Labels);
                        if (crop.Unsure is { } unsure)
                        {
                            AddLabels(UnsureOf(set, crop.Name), unsure);
                        }
                    }
                }

                void AddLabels(string name, LabelImage labels)
                {
                    var file = Path.Combine(scratch, "crop");
                    LabelImageFile.WritePng(file, labels);
                    Add(name, File.ReadAllBytes(file));
                }

                // Always the same time, so that the same crops make the same bytes.
                void Add(string name, byte[] bytes)
                {
                    var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
                    entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
                    using var to = entry.Open();
                    to.Write(bytes);
                }
            });
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static IReadOnlyList<RehearsalSet> Unpack(Stream stream, string path, string folder)
    {
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            if (zip.Entries.Sum(e => e.Length) > MostBytes)
            {
                throw new InvalidDataException("it unpacks to more than a set of crops");
            }

            var index = zip.GetEntry(IndexName) ?? throw new InvalidDataException($"it holds no {IndexName}");
            List<RehearsalSet> sets;
            using (var json = index.Open())
            {
                sets = JsonSerializer.Deserialize<List<RehearsalSet>>(json, _json) ?? [];
            }

            foreach (var set in sets)
            {
                foreach (var name in set.Learned.Concat(set.Checked))
                {
                    Extract(zip, $"{set.Name}/images/{name}.jpg", folder);
                    Extract(zip, $"{set.Name}/labels/{name}.png", folder);
                    if (zip.GetEntry(UnsureOf(set, name)) is not null)
                    {
                        Extract(zip, UnsureOf(set, name), folder);
                    }
                }
            }

            return [.. sets.Select(s => s with { Folder = Path.Combine(folder, s.Name) })];
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or NotSupportedException or ArgumentException)
        {
            throw new TrainingException(path, $"is no file of rehearsal crops ({e.Message}). Take it away, or take the one that came with the model.", e);
        }
    }

    private static string UnsureOf(RehearsalSet set, string name) => $"{set.Name}/{KnownLabels.Folder}/{name}.png";

    private static void Extract(ZipArchive zip, string name, string folder)
    {
        var entry = zip.GetEntry(name) ?? throw new InvalidDataException($"it lacks {name}");
        var to = Path.GetFullPath(Path.Combine(folder, name));
        if (!to.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{name} would lie outside its folder");
        }

        PartialFile.Write(to, file =>
        {
            using var from = entry.Open();
            from.CopyTo(file);
        });
    }
}
