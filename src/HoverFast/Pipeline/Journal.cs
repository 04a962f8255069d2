using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using HoverFast.Files;

namespace HoverFast.Pipeline;

/// <summary>
/// The finished tiles of an unfinished slide, on disk, in grid order. A run that was killed at any moment goes on from it: records are
/// appended whole, each with its length and a checksum, and whatever follows the last sound record is cut off. The header holds a
/// key of slide, model and settings, so a journal of another run is never taken up. Anyone may have touched the file: a record out of turn, or one that
/// can't be of this slide, ends what is taken up as a damaged one does.
/// </summary>
/// <remarks>
/// Layout, little-endian: "HFJ1", 32 bytes key; then records: int32 length, 8 bytes checksum (the first of SHA-256), payload.
/// </remarks>
internal sealed class Journal : IDisposable
{
    private const int ChecksumLength = 8;

    /// <summary>Bytes of the longest record that can be: tiles have some ten thousand nuclei of some hundred bytes.</summary>
    private const int MostRecord = 1 << 28;
    private static readonly byte[] _magic = "HFJ1"u8.ToArray();
    private static readonly TimeSpan _syncEvery = TimeSpan.FromSeconds(2);

    private readonly FileStream _file;
    private readonly bool _isTakenUp;
    private readonly TileRecord _record = new();
    private long _lastSync = Stopwatch.GetTimestamp();

    private Journal(FileStream file, bool isTakenUp)
    {
        _file = file;
        _isTakenUp = isTakenUp;
    }

    /// <summary>Whether records of an earlier run are in it: all that were found until <see cref="Replay"/> has read them, then those that are sound.</summary>
    public bool HoldsEarlierTiles => _isTakenUp && _file.Length > _magic.Length + SHA256.HashSizeInBytes;

    /// <summary>Opens the journal at <paramref name="path"/>, or starts one when there is none of this <paramref name="key"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Hash of all that the result depends on; 32 bytes.</param>
    /// <exception cref="IOException">A folder has the name, or the disk is full.</exception>
    public static Journal Open(string path, ReadOnlySpan<byte> key)
    {
        if (key.Length != SHA256.HashSizeInBytes)
        {
            throw new ArgumentException($"A key has {SHA256.HashSizeInBytes} bytes.", nameof(key));
        }

        if (TryOpen(path, key) is { } known)
        {
            return new Journal(known, isTakenUp: true);
        }

        // What stands there is of another run, or no journal at all: it is taken away, and not written through where it is a link.
        var file = PartialFile.CreateNew(path);
        try
        {
            file.Write(_magic);
            file.Write(key);
            file.Flush(flushToDisk: true);
            return new Journal(file, isTakenUp: false);
        }
        catch
        {
            // Nothing to go on from.
            new Journal(file, isTakenUp: false).Remove();
            throw;
        }
    }

    /// <summary>
    /// The finished tiles, from the first, one at a time. Read them all before the first <see cref="Append"/>: a damaged end is cut off then.
    /// </summary>
    /// <param name="limits">What the slide's records must keep to.</param>
    public IEnumerable<TileResult> Replay(JournalLimits limits)
    {
        _file.Position = _magic.Length + SHA256.HashSizeInBytes;
        var prefix = new byte[sizeof(int) + ChecksumLength];
        for (var next = 0; ; next++)
        {
            var start = _file.Position;
            var tile = ReadRecord(prefix, start) is { } payload ? TileRecord.Decode(payload, limits) : null;
            if (tile?.TileIndex != next)
            {
                _file.SetLength(start);
                _file.Position = start;
                yield break;
            }

            yield return tile;
        }
    }

    /// <summary>Adds a finished tile. It reaches the disk at the latest with the first record after two seconds.</summary>
    public void Append(TileResult tile)
    {
        var payload = _record.Encode(tile);
        Span<byte> prefix = stackalloc byte[sizeof(int) + ChecksumLength];
        BinaryPrimitives.WriteInt32LittleEndian(prefix, payload.Length);
        Checksum(payload, prefix[sizeof(int)..]);
        _file.Write(prefix);
        _file.Write(payload);
        var sync = Stopwatch.GetElapsedTime(_lastSync) > _syncEvery;
        _file.Flush(sync);
        if (sync)
        {
            _lastSync = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Closes and deletes the journal: the result stands.</summary>
    public void Remove()
    {
        Dispose();
        File.Delete(_file.Name);
    }

    /// <summary>Closes the journal; it stays, up to its last sound record.</summary>
    public void Dispose()
    {
        try
        {
            _file.Dispose();
        }
        catch (Exception e) when (PartialFile.IsDiskError(e))
        {
            // The disk is full, which Append has told; the half record is cut off by the next run.
        }
    }

    // A journal of this key that is a file of its own: a link, or a second name of another file, is not.
    private static FileStream? TryOpen(string path, ReadOnlySpan<byte> key)
    {
        if (FileStatus.KindOf(path, follow: false) != FileKind.Regular)
        {
            return null;
        }

        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, 1 << 16);
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }

        Span<byte> header = stackalloc byte[_magic.Length + SHA256.HashSizeInBytes];
        if (!FileStatus.HasOtherNames(file.SafeFileHandle)
            && file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length
            && header[.._magic.Length].SequenceEqual(_magic)
            && header[_magic.Length..].SequenceEqual(key))
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    private static void Checksum(ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(payload, hash);
        hash[..ChecksumLength].CopyTo(destination);
    }

    /// <summary>The payload of the record at the file's position, or null where no sound record follows.</summary>
    private byte[]? ReadRecord(byte[] prefix, long start)
    {
        if (_file.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (length <= 0 || length > MostRecord || length > _file.Length - start - prefix.Length)
        {
            return null;
        }

        var payload = new byte[length];
        _file.ReadExactly(payload);
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        Checksum(payload, checksum);
        return checksum.SequenceEqual(prefix.AsSpan(sizeof(int))) ? payload : null;
    }
}
