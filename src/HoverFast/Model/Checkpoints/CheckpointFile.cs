using System.Globalization;
using System.IO.Hashing;
using HoverFast.Files;
using Microsoft.Win32.SafeHandles;

namespace HoverFast.Model.Checkpoints;

/// <summary>The open file under a checkpoint: bounded reads, and errors that name it.</summary>
internal sealed class CheckpointFile : IDisposable
{
    // A single weight of published networks is at most a few hundred megabytes; indexing stays within 32 bits.
    private const long LargestStorage = 1L << 30;

    private readonly SafeFileHandle _handle;
    private (CheckpointStorage Storage, byte[] Bytes)? _last;

    public CheckpointFile(string path)
    {
        Path = path;
        try
        {
            _handle = RegularFile.OpenHandle(path);
            Length = RandomAccess.GetLength(_handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CheckpointException(path, "can't be opened: " + e.Message, e);
        }
    }

    public string Path { get; }

    public long Length { get; }

    public CheckpointException Error(string problem, Exception? inner = null) => new(Path, problem, inner);

    /// <summary>Reads bytes, all of them or an error; the range is compared with the file's length before memory is taken.</summary>
    public byte[] Read(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > Length || length > Length - offset || length > LargestStorage)
        {
            throw Error(
                $"is cut off or damaged: {length.ToString(CultureInfo.InvariantCulture)} bytes are wanted at {offset.ToString(CultureInfo.InvariantCulture)}, the file has {Length.ToString(CultureInfo.InvariantCulture)}");
        }

        var bytes = new byte[length];
        var done = 0;
        try
        {
            while (done < bytes.Length)
            {
                var n = RandomAccess.Read(_handle, bytes.AsSpan(done), offset + done);
                if (n == 0)
                {
                    throw Error("became shorter while it was read");
                }

                done += n;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw Error("can't be read: " + e.Message, e);
        }

        return bytes;
    }

    /// <summary>The bytes of a storage; the last one stays in memory for the next tensor that shares it.</summary>
    public byte[] Read(CheckpointStorage storage)
    {
        if (_last is { } last && ReferenceEquals(last.Storage, storage))
        {
            return last.Bytes;
        }

        var bytes = Read(storage.Offset, storage.ByteLength);
        if (storage.Checksum is { } expected && Crc32.HashToUInt32(bytes) != expected)
        {
            throw Error($"storage {storage.Key} doesn't match its checksum; the file is damaged, get it again");
        }

        _last = (storage, bytes);
        return bytes;
    }

    public void Dispose() => _handle.Dispose();
}
