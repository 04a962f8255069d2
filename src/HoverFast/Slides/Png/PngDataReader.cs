using System.Buffers.Binary;
using System.IO.Hashing;

namespace HoverFast.Slides.Png;

/// <summary>The compressed data of a PNG file: its IDAT chunks one after the other, each held against its checksum.</summary>
/// <param name="file">Stands behind the frame of the first IDAT chunk.</param>
/// <param name="length">Bytes of that chunk.</param>
internal sealed class PngDataReader(Stream file, int length) : Stream
{
    private readonly Crc32 _checksum = StartOf("IDAT"u8);
    private int _left = length;
    private bool _isOver;
    private bool _isEnd;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads a chunk's frame.</summary>
    /// <param name="file">Stands at the chunk.</param>
    /// <param name="name">Takes the four letters.</param>
    /// <returns>Bytes of its data.</returns>
    /// <exception cref="InvalidDataException">The file ends, or the length is absurd.</exception>
    public static int ReadFrame(Stream file, Span<byte> name)
    {
        Span<byte> frame = stackalloc byte[8];
        if (file.ReadAtLeast(frame, 8, throwOnEndOfStream: false) < 8)
        {
            throw new InvalidDataException("It is cut short.");
        }

        frame[4..].CopyTo(name);
        var length = BinaryPrimitives.ReadInt32BigEndian(frame);
        return length < 0 || (file.CanSeek && length > file.Length - file.Position)
            ? throw new InvalidDataException("It is cut short or damaged.")
            : length;
    }

    /// <summary>Holds a chunk's checksum against the one that follows in the file.</summary>
    /// <exception cref="InvalidDataException">They differ.</exception>
    public static void Check(Stream file, uint checksum)
    {
        Span<byte> stored = stackalloc byte[4];
        if (file.ReadAtLeast(stored, 4, throwOnEndOfStream: false) < 4)
        {
            throw new InvalidDataException("It is cut short.");
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(stored) != checksum)
        {
            throw new InvalidDataException("A checksum does not match; the file is damaged.");
        }
    }

    /// <summary>Reads to the end of the file, so that what is missing behind the pixels is noticed.</summary>
    /// <exception cref="InvalidDataException">The file is cut short or damaged.</exception>
    public void Finish()
    {
        var buffer = new byte[4096];
        while (Read(buffer) > 0)
        {
            // What the decompressor left.
        }

        while (!_isEnd)
        {
            while (_left > 0)
            {
                var read = file.Read(buffer.AsSpan(0, Math.Min(buffer.Length, _left)));
                _left = read > 0 ? _left - read : throw new InvalidDataException("It is cut short.");
                _checksum.Append(buffer.AsSpan(0, read));
            }

            NextChunk();
        }

        Check(file, _checksum.GetCurrentHashAsUInt32());
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        while (_left == 0 && !_isOver)
        {
            NextChunk();
        }

        if (_isOver || buffer.IsEmpty)
        {
            return 0;
        }

        var read = file.Read(buffer[..Math.Min(buffer.Length, _left)]);
        if (read == 0)
        {
            throw new InvalidDataException("It is cut short.");
        }

        _checksum.Append(buffer[..read]);
        _left -= read;
        return read;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static Crc32 StartOf(ReadOnlySpan<byte> name)
    {
        var checksum = new Crc32();
        checksum.Append(name);
        return checksum;
    }

    private void NextChunk()
    {
        Check(file, _checksum.GetCurrentHashAsUInt32());
        Span<byte> name = stackalloc byte[4];
        _left = ReadFrame(file, name);
        _checksum.Reset();
        _checksum.Append(name);
        _isOver = !name.SequenceEqual("IDAT"u8);
        _isEnd = name.SequenceEqual("IEND"u8);
    }
}
