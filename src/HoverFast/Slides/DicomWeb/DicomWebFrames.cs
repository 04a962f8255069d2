using System.Buffers;
using HoverFast.Slides.Dicom;

namespace HoverFast.Slides.DicomWeb;

/// <summary>The frames of one instance on a server, fetched as they are needed. Thread safe.</summary>
internal sealed class DicomWebFrames(DicomWebClient client, FrameCache cache, string instance, int count) : IDicomFrames
{
    private const int MostFrameBytes = 256 << 20;

    /// <summary>Frames that are fetched ahead for one region.</summary>
    private const int MostAhead = 64;

    /// <summary>As stored; then the kinds by name, for servers that want to hear one.</summary>
    private static readonly string[] _accept =
    [
        "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*",
        "multipart/related; type=\"image/jpeg\"; transfer-syntax=1.2.840.10008.1.2.4.50, multipart/related; type=\"image/jp2\"; transfer-syntax=1.2.840.10008.1.2.4.91, "
            + "multipart/related; type=\"image/jp2\"; transfer-syntax=1.2.840.10008.1.2.4.90, multipart/related; type=\"application/octet-stream\"; transfer-syntax=1.2.840.10008.1.2.1",
    ];

    private string _syntax = string.Empty;

    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public long Length => (long)count << 20;

    /// <summary>How frames are compressed, by the instance's metadata or its first frame; empty before that is known.</summary>
    public string TransferSyntax
    {
        get => _syntax;
        set => _syntax = value;
    }

    /// <summary>Asks how frames are compressed.</summary>
    public string AskSyntax()
    {
        if (_syntax.Length == 0)
        {
            var first = Fetch(0).GetAwaiter().GetResult();
            _syntax = first.TransferSyntax.Length > 0 ? first.TransferSyntax : Guess(first.Bytes.Span);
        }

        return _syntax;
    }

    /// <inheritdoc/>
    public IMemoryOwner<byte> Read(int frame)
    {
        var read = Fetch(frame).GetAwaiter().GetResult();
        return read.TransferSyntax.Length > 0 && read.TransferSyntax != _syntax
            ? throw new NotSupportedException(
                $"The server compresses this frame otherwise than the first ({DicomTransferSyntax.Describe(read.TransferSyntax)}, {DicomTransferSyntax.Describe(_syntax)}).")
            : new Held(read.Bytes);
    }

    /// <inheritdoc/>
    public void Announce(IEnumerable<int> frames)
    {
        foreach (var frame in frames.Take(MostAhead))
        {
            // Its failure is told when the frame is read.
            _ = Fetch(frame).ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    private static string Guess(ReadOnlySpan<byte> frame) => frame switch
    {
        [0xFF, 0xD8, ..] => DicomTransferSyntax.JpegBaseline,
        [0xFF, 0x4F, ..] => DicomTransferSyntax.Jpeg2000,
        _ => DicomTransferSyntax.ExplicitLittleEndian,
    };

    private Task<DicomWebFrame> Fetch(int frame) => cache.Get((instance, frame), () => client.GetAsync($"{instance}/frames/{frame + 1}", _accept, ReadAsync));

    private static async Task<DicomWebFrame> ReadAsync(Stream body, string contentType, CancellationToken cancellation)
    {
        var bytes = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            while (await body.ReadAsync(buffer, cancellation) is var read and > 0)
            {
                bytes.Write(buffer, 0, read);
                if (bytes.Length > MostFrameBytes)
                {
                    throw new InvalidDataException($"The frame would take more than {MostFrameBytes >> 20} MB.");
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return DicomWebFrame.Read(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), contentType);
    }

    /// <summary>Bytes that the cache holds on to.</summary>
    private sealed class Held(ReadOnlyMemory<byte> bytes) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory => System.Runtime.InteropServices.MemoryMarshal.AsMemory(bytes);

        public void Dispose()
        {
        }
    }
}
