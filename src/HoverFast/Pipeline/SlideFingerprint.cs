using System.Security.Cryptography;
using HoverFast.Files;
using HoverFast.Slides;

namespace HoverFast.Pipeline;

/// <summary>A hash that tells slides apart in a moment, however large they are.</summary>
internal static class SlideFingerprint
{
    private const int Edge = 1 << 18;
    private const int Sample = 1 << 14;
    private const int Samples = 64;

    /// <summary>
    /// SHA-256 over each file's length, its first and last 256 KiB (where headers and directories stand) and 64 samples between; of slides of several files
    /// over all of them, so that a changed level or data file makes another slide.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>Lower-case hexadecimal, 64 digits.</returns>
    public static string Of(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Edge];
        foreach (var file in Slide.FilesOf(path).Order(StringComparer.Ordinal))
        {
            Add(hash, file, buffer);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, string path, byte[] buffer)
    {
        using var file = RegularFile.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        hash.AppendData(BitConverter.GetBytes(length));
        Add(0, Edge);
        for (var i = 1; i <= Samples && length > 2 * Edge; i++)
        {
            Add(length / (Samples + 1) * i, Sample);
        }

        Add(Math.Max(0, length - Edge), Edge);

        void Add(long offset, int count)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(0, count), offset);
            hash.AppendData(buffer, 0, read);
        }
    }
}
