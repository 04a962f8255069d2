using System.Security.Cryptography;
using System.Text;
using HoverFast.Files;
using HoverFast.Slides;
using HoverFast.Slides.DicomWeb;

namespace HoverFast.Pipeline;

/// <summary>A hash that tells slides apart in a moment, however large they are.</summary>
public static class SlideFingerprint
{
    private const int Edge = 1 << 18;
    private const int Sample = 1 << 14;
    private const int Samples = 64;

    /// <summary>Bytes at either end, and samples between, of each file of a slide that lies in several: there may be a thousand.</summary>
    private const int CompanionEdge = 1 << 16;
    private const int CompanionSamples = 4;

    /// <summary>SHA-256 over the file's length, its first and last 256 KiB (where headers and directories stand) and 64 samples between. A slide of several files is
    /// the hash of those of its files, whatever they are called.</summary>
    /// <param name="path">The file, or the address of a slide on a server, which stands for it.</param>
    /// <returns>Lower-case hexadecimal, 64 digits.</returns>
    public static string Of(string path)
    {
        if (DicomWebAddress.IsAddress(path))
        {
            return HashOf(path);
        }

        var files = Slide.FilesOf(path);
        return files.Count == 1
            ? OfFile(path, Edge, Samples)
            : HashOf(string.Join('\n', files.Select(f => OfFile(f, CompanionEdge, CompanionSamples)).Order(StringComparer.Ordinal)));
    }

    /// <summary>The hash of an open slide: of its files or, on a server, of its instances' identifiers.</summary>
    public static string Of(ISlide slide)
    {
        ArgumentNullException.ThrowIfNull(slide);
        return (slide as TiledSlide)?.Identity ?? Of(slide.Path);
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string OfFile(string path, int edge, int samples)
    {
        using var file = RegularFile.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(length));
        var buffer = new byte[edge];
        Add(0, edge);
        for (var i = 1; i <= samples && length > 2 * edge; i++)
        {
            Add(length / (samples + 1) * i, Sample);
        }

        Add(Math.Max(0, length - edge), edge);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Add(long offset, int count)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(0, count), offset);
            hash.AppendData(buffer, 0, read);
        }
    }
}
