using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HoverFast.Files;
using HoverFast.Nuclei;
using HoverFast.Slides;

namespace HoverFast.Pipeline;

/// <summary>
/// The finished tiles of an unfinished slide, on disk, in grid order. A run that was killed at any moment goes on from it: records are
/// appended whole, each with its length and a checksum, and whatever follows the last sound record is cut off. The header holds a
/// key of slide, model and settings, so a journal of another run is never taken up.
/// </summary>
/// <remarks>
/// Layout, little-endian: "HFJ1", 32 bytes key; then records: int32 length, 8 bytes checksum (the first of SHA-256), payload.
/// </remarks>
internal sealed class Journal : IDisposable
{
    private const int ChecksumLength = 8;
    private static readonly byte[] _magic = "HFJ1"u8.ToArray();
    private static readonly TimeSpan _syncEvery = TimeSpan.FromSeconds(2);

    private readonly FileStream _file;
    private long _lastSync = Stopwatch.GetTimestamp();
    private byte[] _buffer = new byte[1 << 16];
    private int _length;

    private Journal(FileStream file) => _file = file;

    /// <summary>Opens the journal at <paramref name="path"/>, or starts one when there is none of this <paramref name="key"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Hash of all that the result depends on; 32 bytes.</param>
    public static Journal Open(string path, ReadOnlySpan<byte> key)
    {
        if (key.Length != SHA256.HashSizeInBytes)
        {
            throw new ArgumentException($"A key has {SHA256.HashSizeInBytes} bytes.", nameof(key));
        }

        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1 << 16);
        try
        {
            Span<byte> header = stackalloc byte[_magic.Length + SHA256.HashSizeInBytes];
            var same = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length
                && header[.._magic.Length].SequenceEqual(_magic)
                && header[_magic.Length..].SequenceEqual(key);
            if (!same)
            {
                file.SetLength(0);
                file.Position = 0;
                file.Write(_magic);
                file.Write(key);
                file.Flush(flushToDisk: true);
            }

            return new Journal(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The finished tiles, from the first, one at a time. Read them all before the first <see cref="Append"/>: a damaged end is cut off then.
    /// </summary>
    public IEnumerable<TileResult> Replay()
    {
        _file.Position = _magic.Length + SHA256.HashSizeInBytes;
        var prefix = new byte[sizeof(int) + ChecksumLength];
        while (true)
        {
            var start = _file.Position;
            var payload = ReadRecord(prefix, start);
            if (payload is null)
            {
                _file.SetLength(start);
                _file.Position = start;
                yield break;
            }

            yield return Decode(payload);
        }
    }

    /// <summary>Adds a finished tile. It reaches the disk at the latest with the first record after two seconds.</summary>
    public void Append(TileResult tile)
    {
        var payload = Encode(tile);
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

    private static void Checksum(ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(payload, hash);
        hash[..ChecksumLength].CopyTo(destination);
    }

    /// <summary>Puts the tile's record into the buffer; returns its payload.</summary>
    private ReadOnlySpan<byte> Encode(TileResult tile)
    {
        _length = 0;
        Put(tile.TileIndex);
        Put(tile.Corrupt.Count);
        foreach (var region in tile.Corrupt)
        {
            Put(region.X);
            Put(region.Y);
            Put(region.Width);
            Put(region.Height);
        }

        Put(tile.Nuclei.Count);
        for (var i = 0; i < tile.Nuclei.Count; i++)
        {
            var nucleus = tile.Nuclei[i];
            Put(nucleus.Contour.Length);
            Put(MemoryMarshal.Cast<Vector2, float>(nucleus.Contour));
            Put(nucleus.Centroid.X);
            Put(nucleus.Centroid.Y);
            BinaryPrimitives.WriteDoubleLittleEndian(Room(sizeof(double)), nucleus.Area);
            Put(nucleus.MeanProbability);
            Put(nucleus.BoundaryConfidence);
            Put(nucleus.Type);
            Put(tile.Measurements[i].Length);
            Put(tile.Measurements[i]);
        }

        return _buffer.AsSpan(0, _length);
    }

    private void Put(int value) => BinaryPrimitives.WriteInt32LittleEndian(Room(sizeof(int)), value);

    private void Put(float value) => BinaryPrimitives.WriteSingleLittleEndian(Room(sizeof(float)), value);

    private void Put(ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(Room(values.Length * sizeof(float)));
            return;
        }

        foreach (var value in values)
        {
            Put(value);
        }
    }

    private Span<byte> Room(int bytes)
    {
        if (_length + bytes > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + bytes));
        }

        _length += bytes;
        return _buffer.AsSpan(_length - bytes, bytes);
    }

    private static TileResult Decode(byte[] payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload));
        var index = reader.ReadInt32();
        var corrupt = new PixelRect[reader.ReadInt32()];
        for (var i = 0; i < corrupt.Length; i++)
        {
            corrupt[i] = new PixelRect(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        }

        var nuclei = new Nucleus[reader.ReadInt32()];
        var measurements = new float[nuclei.Length][];
        for (var i = 0; i < nuclei.Length; i++)
        {
            var contour = new Vector2[reader.ReadInt32()];
            for (var p = 0; p < contour.Length; p++)
            {
                contour[p] = new Vector2(reader.ReadSingle(), reader.ReadSingle());
            }

            nuclei[i] = new Nucleus(contour)
            {
                Centroid = new Vector2(reader.ReadSingle(), reader.ReadSingle()),
                Area = reader.ReadDouble(),
                MeanProbability = reader.ReadSingle(),
                BoundaryConfidence = reader.ReadSingle(),
                Type = reader.ReadInt32(),
            };
            measurements[i] = new float[reader.ReadInt32()];
            for (var m = 0; m < measurements[i].Length; m++)
            {
                measurements[i][m] = reader.ReadSingle();
            }
        }

        return new TileResult(index, nuclei, measurements, corrupt);
    }

    /// <summary>The payload of the record at the file's position, or null where no sound record follows.</summary>
    private byte[]? ReadRecord(byte[] prefix, long start)
    {
        if (_file.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (length <= 0 || length > _file.Length - start - prefix.Length)
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
