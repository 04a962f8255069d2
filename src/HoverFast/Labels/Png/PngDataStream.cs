using HoverFast.Files;
using HoverFast.Slides.Png;

namespace HoverFast.Labels.Png;

/// <summary>Packs what is written to it into IDAT chunks of a PNG file.</summary>
internal sealed class PngDataStream(Stream file) : PackingStream
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _held;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var n = Math.Min(buffer.Length, _buffer.Length - _held);
            buffer[..n].CopyTo(_buffer.AsSpan(_held));
            _held += n;
            buffer = buffer[n..];
            if (_held == _buffer.Length)
            {
                WriteChunk();
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _held > 0)
        {
            WriteChunk();
        }

        base.Dispose(disposing);
    }

    private void WriteChunk()
    {
        PngChunks.Write(file, "IDAT"u8, _buffer.AsSpan(0, _held));
        _held = 0;
    }
}
