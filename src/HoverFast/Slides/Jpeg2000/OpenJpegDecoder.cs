using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HoverFast.Slides.Jpeg2000;

/// <summary>
/// OpenJPEG (libopenjp2, version 2.1 or newer), where the machine has the library: faster than the decoder that comes along (docs/slide-formats.md). Found when
/// first needed; nothing is shipped. Thread safe.
/// </summary>
internal sealed unsafe class OpenJpegDecoder
{
    private const int Codestream = 0;
    private const nuint BufferSize = 1 << 16;

    /// <summary>Bytes of opj_dparameters_t in all versions, and more.</summary>
    private const int ParametersSize = 32 << 10;

    private static readonly Lazy<OpenJpegDecoder?> _installed = new(TryLoad);

    private readonly delegate* unmanaged<int, nint> _createDecompress;
    private readonly delegate* unmanaged<byte*, void> _setDefaults;
    private readonly delegate* unmanaged<nint, byte*, int> _setup;
    private readonly delegate* unmanaged<nuint, int, nint> _createStream;
    private readonly delegate* unmanaged<nint, void*, nint, void> _setUserData;
    private readonly delegate* unmanaged<nint, ulong, void> _setUserDataLength;
    private readonly delegate* unmanaged<nint, delegate* unmanaged<void*, nuint, void*, nuint>, void> _setRead;
    private readonly delegate* unmanaged<nint, delegate* unmanaged<long, void*, long>, void> _setSkip;
    private readonly delegate* unmanaged<nint, delegate* unmanaged<long, void*, int>, void> _setSeek;
    private readonly delegate* unmanaged<nint, nint, Image**, int> _readHeader;
    private readonly delegate* unmanaged<nint, nint, Image*, int> _decode;
    private readonly delegate* unmanaged<Image*, void> _destroyImage;
    private readonly delegate* unmanaged<nint, void> _destroyStream;
    private readonly delegate* unmanaged<nint, void> _destroyCodec;

    private OpenJpegDecoder(nint library)
    {
        nint Get(string name) => NativeLibrary.GetExport(library, "opj_" + name);
        _createDecompress = (delegate* unmanaged<int, nint>)Get("create_decompress");
        _setDefaults = (delegate* unmanaged<byte*, void>)Get("set_default_decoder_parameters");
        _setup = (delegate* unmanaged<nint, byte*, int>)Get("setup_decoder");
        _createStream = (delegate* unmanaged<nuint, int, nint>)Get("stream_create");
        _setUserData = (delegate* unmanaged<nint, void*, nint, void>)Get("stream_set_user_data");
        _setUserDataLength = (delegate* unmanaged<nint, ulong, void>)Get("stream_set_user_data_length");
        _setRead = (delegate* unmanaged<nint, delegate* unmanaged<void*, nuint, void*, nuint>, void>)Get("stream_set_read_function");
        _setSkip = (delegate* unmanaged<nint, delegate* unmanaged<long, void*, long>, void>)Get("stream_set_skip_function");
        _setSeek = (delegate* unmanaged<nint, delegate* unmanaged<long, void*, int>, void>)Get("stream_set_seek_function");
        _readHeader = (delegate* unmanaged<nint, nint, Image**, int>)Get("read_header");
        _decode = (delegate* unmanaged<nint, nint, Image*, int>)Get("decode");
        _destroyImage = (delegate* unmanaged<Image*, void>)Get("image_destroy");
        _destroyStream = (delegate* unmanaged<nint, void>)Get("stream_destroy");
        _destroyCodec = (delegate* unmanaged<nint, void>)Get("destroy_codec");
    }

    /// <summary>The decoder, or null where the machine has no such library.</summary>
    public static OpenJpegDecoder? Installed => _installed.Value;

    /// <summary>Decodes a codestream whose header was read and found sane.</summary>
    /// <param name="stream">The codestream.</param>
    /// <param name="header">Its header.</param>
    /// <param name="take">Is given the components' samples, unmixed, with the number of samples in a row and rows.</param>
    /// <exception cref="InvalidDataException">The stream is damaged or cut short.</exception>
    public void Decode(ReadOnlySpan<byte> stream, CodestreamHeader header, TakePlane take)
    {
        var codec = _createDecompress(Codestream);
        var source = _createStream(BufferSize, 1);
        Image* image = null;
        try
        {
            var parameters = stackalloc byte[ParametersSize];
            _setDefaults(parameters);
            fixed (byte* data = stream)
            {
                var memory = new Memory { Data = data, Length = stream.Length };
                _setUserData(source, &memory, 0);
                _setUserDataLength(source, (ulong)stream.Length);
                _setRead(source, &Read);
                _setSkip(source, &Skip);
                _setSeek(source, &Seek);
                if (_setup(codec, parameters) == 0
                    || _readHeader(source, codec, &image) == 0
                    || image->Count != header.Components.Length
                    || _decode(codec, source, image) == 0)
                {
                    throw new InvalidDataException("The JPEG 2000 data is cut short or damaged.");
                }

                for (var c = 0; c < header.Components.Length; c++)
                {
                    ref var component = ref image->Components[c];
                    if (component.Data is null || component.Width == 0 || component.Height == 0 || component.Factor != 0)
                    {
                        throw new InvalidDataException("The JPEG 2000 data is cut short or damaged.");
                    }

                    take(
                        c,
                        new ReadOnlySpan<int>(component.Data, checked((int)(component.Width * component.Height))),
                        (int)component.Width,
                        (int)component.Height);
                }
            }
        }
        finally
        {
            if (image is not null)
            {
                _destroyImage(image);
            }

            _destroyStream(source);
            _destroyCodec(codec);
        }
    }

    private static OpenJpegDecoder? TryLoad()
    {
        string[] names = OperatingSystem.IsWindows() ? ["openjp2.dll", "libopenjp2.dll"]
            : OperatingSystem.IsMacOS() ? ["libopenjp2.7.dylib", "libopenjp2.dylib", "/opt/homebrew/lib/libopenjp2.dylib", "/usr/local/lib/libopenjp2.dylib"]
            : ["libopenjp2.so.7", "libopenjp2.so"];
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                return new OpenJpegDecoder(library);
            }
        }

        return null;
    }

    [UnmanagedCallersOnly]
    private static nuint Read(void* buffer, nuint length, void* user)
    {
        var memory = (Memory*)user;
        var left = memory->Length - memory->Position;
        if (left <= 0)
        {
            return nuint.MaxValue;
        }

        var read = (long)Math.Min((ulong)left, length);
        Unsafe.CopyBlockUnaligned(buffer, memory->Data + memory->Position, (uint)read);
        memory->Position += read;
        return (nuint)read;
    }

    [UnmanagedCallersOnly]
    private static long Skip(long length, void* user)
    {
        var memory = (Memory*)user;
        var to = Math.Clamp(memory->Position + length, 0, memory->Length);
        var skipped = to - memory->Position;
        memory->Position = to;
        return skipped == 0 && length != 0 ? -1 : skipped;
    }

    [UnmanagedCallersOnly]
    private static int Seek(long to, void* user)
    {
        var memory = (Memory*)user;
        if (to < 0 || to > memory->Length)
        {
            return 0;
        }

        memory->Position = to;
        return 1;
    }

    /// <summary>Takes a component's samples.</summary>
    internal delegate void TakePlane(int component, ReadOnlySpan<int> samples, int width, int height);

    private struct Memory
    {
        public byte* Data;
        public long Length;
        public long Position;
    }

    /// <summary>opj_image_t, as far as it is needed.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Image
    {
        public uint X0;
        public uint Y0;
        public uint X1;
        public uint Y1;
        public uint Count;
        public int ColourSpace;
        public Component* Components;
    }

    /// <summary>opj_image_comp_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Component
    {
        public uint StepX;
        public uint StepY;
        public uint Width;
        public uint Height;
        public uint X0;
        public uint Y0;
        public uint Precision;
        public uint Depth;
        public uint IsSigned;
        public uint Resolutions;
        public uint Factor;
        public int* Data;
        public ushort Alpha;
    }
}
