using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace HoverFast.Slides.Jpeg;

/// <summary>libjpeg-turbo through its TurboJPEG interface (version 2 or 3), where the machine has the library. Two to three times as fast as Skia.</summary>
internal sealed unsafe class TurboJpegDecoder : JpegDecoder, IDisposable
{
    private const int PixelFormatRgb = 0;
    private const int FlagAccurateDct = 4096;

    // A decompressor is not thread safe, so each call borrows one.
    private readonly ConcurrentBag<nint> _idle = [];
    private readonly delegate* unmanaged<nint> _create;
    private readonly delegate* unmanaged<nint, byte*, CULong, byte*, int, int, int, int, int, int> _decompress;
    private readonly delegate* unmanaged<nint, byte*> _error;
    private readonly delegate* unmanaged<nint, int> _destroy;

    private TurboJpegDecoder(nint library)
    {
        _create = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "tjInitDecompress");
        _decompress = (delegate* unmanaged<nint, byte*, CULong, byte*, int, int, int, int, int, int>)NativeLibrary.GetExport(library, "tjDecompress2");
        _error = (delegate* unmanaged<nint, byte*>)NativeLibrary.GetExport(library, "tjGetErrorStr2");
        _destroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "tjDestroy");
    }

    /// <inheritdoc/>
    public override string Name => "libjpeg-turbo";

    /// <summary>The decoder, or null where the machine has no such library.</summary>
    public static TurboJpegDecoder? TryCreate()
    {
        string[] names =
            OperatingSystem.IsWindows() ? ["turbojpeg.dll", "libturbojpeg.dll"]
            : OperatingSystem.IsMacOS()
                ? ["libturbojpeg.0.dylib", "libturbojpeg.dylib", "/opt/homebrew/lib/libturbojpeg.dylib", "/usr/local/lib/libturbojpeg.dylib"]
            : ["libturbojpeg.so.0", "libturbojpeg.so"];
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                return NativeLibrary.TryGetExport(library, "tjDecompress2", out _) && NativeLibrary.TryGetExport(library, "tjGetErrorStr2", out _)
                    ? new TurboJpegDecoder(library)
                    : null;
            }
        }

        return null;
    }

    /// <summary>Frees the idle decompressors.</summary>
    public void Dispose()
    {
        while (_idle.TryTake(out var handle))
        {
            _ = _destroy(handle);
        }
    }

    /// <inheritdoc/>
    protected override void DecodeTo(ReadOnlySpan<byte> stream, int width, int height, Span<byte> rgb, int stride)
    {
        if (!_idle.TryTake(out var handle))
        {
            handle = _create();
            if (handle == 0)
            {
                throw new InvalidOperationException("libjpeg-turbo can't make a decoder.");
            }
        }

        try
        {
            fixed (byte* source = stream)
            fixed (byte* target = rgb)
            {
                // The accurate transform is what Skia uses: both decoders give the same pixels.
                if (_decompress(handle, source, new CULong((uint)stream.Length), target, width, stride, height, PixelFormatRgb, FlagAccurateDct) != 0)
                {
                    var message = Marshal.PtrToStringUTF8((nint)_error(handle)) ?? "no reason given";
                    if (!message.Contains("extraneous bytes", StringComparison.Ordinal))
                    {
                        throw new InvalidDataException($"The JPEG data is damaged ({message}).");
                    }
                }
            }
        }
        finally
        {
            _idle.Add(handle);
        }
    }
}
