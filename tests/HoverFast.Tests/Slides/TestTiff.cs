using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using HoverFast.Slides;
using ZstdSharp;

namespace HoverFast.Tests.Slides;

/// <summary>Writes TIFF files of every kind that the reader claims to read, and of kinds that it must refuse.</summary>
internal sealed class TestTiff(bool bigEndian = false, bool big = false)
{
    private readonly List<Page> _pages = [];

    public sealed class Page
    {
        public SortedDictionary<ushort, object> Tags { get; } = [];

        public List<byte[]> Parts { get; } = [];

        public bool Tiled { get; set; } = true;

        /// <summary>Whether tiles are listed under the tags of strips, as some writers do.</summary>
        public bool ListsTilesAsStrips { get; set; }

        public List<Page> Children { get; } = [];
    }

    public IReadOnlyList<Page> Pages => _pages;

    /// <summary>Bits of a 16-bit sample that hold something.</summary>
    public int UsedBits { get; init; } = 16;

    /// <summary>The fourth sample of every pixel.</summary>
    public byte Fourth { get; init; } = 255;

    /// <summary>Adds a page that holds an RGB picture.</summary>
    public Page Add(
        RgbImage image,
        int compression = 1,
        int tile = 64,
        int predictor = 1,
        bool tiled = true,
        Page? parent = null,
        int bits = 8,
        bool planar = false,
        int samples = 3,
        int photometric = 2)
    {
        var page = new Page { Tiled = tiled };
        var tags = page.Tags;
        tags[256] = (uint)image.Width;
        tags[257] = (uint)image.Height;
        tags[258] = Enumerable.Repeat((ushort)bits, samples).ToArray();
        tags[259] = (ushort)compression;
        tags[262] = (ushort)photometric;
        tags[277] = (ushort)samples;
        tags[284] = planar ? (ushort)2 : (ushort)1;
        if (predictor != 1)
        {
            tags[317] = (ushort)predictor;
        }

        var tileWidth = tiled ? tile : image.Width;
        if (tiled)
        {
            tags[322] = (uint)tile;
            tags[323] = (uint)tile;
        }
        else
        {
            tags[278] = (uint)tile;
        }

        var planes = planar ? samples : 1;
        for (var plane = 0; plane < planes; plane++)
        {
            for (var y = 0; y < image.Height; y += tile)
            {
                for (var x = 0; x < image.Width; x += tileWidth)
                {
                    var height = tiled ? tile : Math.Min(tile, image.Height - y);
                    var part = TestPicture.Crop(image, new PixelRect(x, y, tileWidth, height));
                    page.Parts.Add(Encode(part, compression, predictor, bits, planar ? plane : -1, samples, photometric));
                }
            }
        }

        (parent?.Children ?? _pages).Add(page);
        return page;
    }

    public byte[] ToBytes()
    {
        var file = new MemoryStream();
        file.Write(bigEndian ? "MM"u8 : "II"u8);
        Put16(file, big ? 43 : 42);
        if (big)
        {
            Put16(file, 8);
            Put16(file, 0);
        }

        PutPointer(file, 0);
        var link = file.Position - Pointer;
        foreach (var page in _pages)
        {
            var at = Write(file, page, out var next);
            Patch(file, link, at);
            link = next;
        }

        return file.ToArray();
    }

    private int Pointer => big ? 8 : 4;

    private long Write(MemoryStream file, Page page, out long next)
    {
        var offsets = new List<ulong>();
        foreach (var part in page.Parts)
        {
            offsets.Add(part.Length == 0 ? 0 : (ulong)file.Position);
            file.Write(part);
            if (file.Position % 2 == 1)
            {
                file.WriteByte(0);
            }
        }

        var lengths = page.Parts.Select(p => (ulong)p.Length).ToArray();
        var inTileTags = page.Tiled && !page.ListsTilesAsStrips;
        var offsetTag = inTileTags ? (ushort)324 : (ushort)273;
        var lengthTag = inTileTags ? (ushort)325 : (ushort)279;
        page.Tags.TryAdd(offsetTag, big ? offsets.ToArray() : offsets.Select(o => (uint)o).ToArray());
        page.Tags.TryAdd(lengthTag, big ? lengths : lengths.Select(o => (uint)o).ToArray());
        if (page.Children.Count > 0)
        {
            var children = page.Children.Select(c => (ulong)Write(file, c, out _)).ToArray();
            page.Tags[330] = big ? children : children.Select(o => (uint)o).ToArray();
        }

        var values = new List<(ushort Tag, int Type, long Count, byte[] Bytes)>();
        foreach (var (tag, value) in page.Tags)
        {
            var (type, count, bytes) = Value(value);
            values.Add((tag, type, count, bytes));
        }

        var places = new List<byte[]>();
        foreach (var v in values)
        {
            if (v.Bytes.Length <= Pointer)
            {
                places.Add([.. v.Bytes, .. new byte[Pointer - v.Bytes.Length]]);
                continue;
            }

            var place = new MemoryStream();
            PutPointer(place, file.Position);
            places.Add(place.ToArray());
            file.Write(v.Bytes);
            if (file.Position % 2 == 1)
            {
                file.WriteByte(0);
            }
        }

        var at = file.Position;
        if (big)
        {
            Put64(file, (ulong)values.Count);
        }
        else
        {
            Put16(file, values.Count);
        }

        for (var i = 0; i < values.Count; i++)
        {
            Put16(file, values[i].Tag);
            Put16(file, values[i].Type);
            PutPointer(file, values[i].Count);
            file.Write(places[i]);
        }

        next = file.Position;
        PutPointer(file, 0);
        return at;
    }

    private (int Type, long Count, byte[] Bytes) Value(object value)
    {
        var bytes = new MemoryStream();
        switch (value)
        {
            case string text:
                var ascii = Encoding.UTF8.GetBytes(text + "\0");
                return (2, ascii.Length, ascii);
            case byte[] raw:
                return (7, raw.Length, raw);
            case ushort one:
                Put16(bytes, one);
                return (3, 1, bytes.ToArray());
            case ushort[] many:
                Array.ForEach(many, v => Put16(bytes, v));
                return (3, many.Length, bytes.ToArray());
            case uint one:
                Put32(bytes, one);
                return (4, 1, bytes.ToArray());
            case uint[] many:
                Array.ForEach(many, v => Put32(bytes, v));
                return (4, many.Length, bytes.ToArray());
            case ulong[] many:
                Array.ForEach(many, v => Put64(bytes, v));
                return (16, many.Length, bytes.ToArray());
            case double fraction:
                Put32(bytes, (uint)Math.Round(fraction * 1000));
                Put32(bytes, 1000);
                return (5, 1, bytes.ToArray());
            default:
                throw new ArgumentException($"no TIFF type for {value.GetType()}", nameof(value));
        }
    }

    private byte[] Encode(RgbImage part, int compression, int predictor, int bits, int plane, int samples, int photometric)
    {
        if (compression == 7 && plane < 0)
        {
            return TestPicture.Jpeg(part, 95);
        }

        var count = plane >= 0 ? 1 : samples;
        var values = new int[part.Width * part.Height * count];
        for (var i = 0; i < part.Width * part.Height; i++)
        {
            for (var s = 0; s < count; s++)
            {
                var channel = plane >= 0 ? plane : s;
                var value = channel < 3 ? part.Pixels[(i * 3) + channel] : Fourth;
                values[(i * count) + s] = photometric == 0 ? 255 - value : value;
            }
        }

        if (bits == 16)
        {
            // The low byte is noise: the reader must look at the high one.
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = ((values[i] << 8) | ((i * 37) & 0xFF)) >> (16 - UsedBits);
            }
        }

        if (predictor == 2)
        {
            var row = part.Width * count;
            for (var y = 0; y < part.Height; y++)
            {
                for (var i = row - 1; i >= count; i--)
                {
                    values[(y * row) + i] -= values[(y * row) + i - count];
                }
            }
        }

        var raw = new MemoryStream();
        foreach (var value in values)
        {
            if (bits == 16)
            {
                Put16(raw, value & 0xFFFF);
            }
            else
            {
                raw.WriteByte((byte)value);
            }
        }

        var bytes = raw.ToArray();
        return compression switch
        {
            1 => bytes,
            5 => EncodeLzw(bytes),
            7 => TestPicture.GrayJpeg(bytes, part.Width, part.Height),
            8 or 32946 => EncodeDeflate(bytes),
            32773 => EncodePackBits(bytes),
            50000 => new Compressor().Wrap(bytes).ToArray(),
            _ => throw new ArgumentException($"no encoder for {compression}", nameof(compression)),
        };
    }

    private static byte[] EncodeDeflate(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] EncodePackBits(byte[] bytes)
    {
        var packed = new MemoryStream();
        for (var i = 0; i < bytes.Length;)
        {
            var run = 1;
            while (i + run < bytes.Length && run < 128 && bytes[i + run] == bytes[i])
            {
                run++;
            }

            if (run > 2)
            {
                packed.WriteByte((byte)(257 - run));
                packed.WriteByte(bytes[i]);
                i += run;
            }
            else
            {
                var length = Math.Min(3, bytes.Length - i);
                packed.WriteByte((byte)(length - 1));
                packed.Write(bytes, i, length);
                i += length;
            }
        }

        return packed.ToArray();
    }

    /// <summary>LZW as TIFF 6.0 writes it: high bits first, codes widen one early.</summary>
    private static byte[] EncodeLzw(byte[] bytes)
    {
        var packed = new MemoryStream();
        var buffer = 0UL;
        var bits = 0;
        var table = new Dictionary<(int Prefix, byte Next), int>();
        var next = 258;
        var width = 9;
        Put(256);
        var prefix = -1;
        foreach (var value in bytes)
        {
            if (prefix < 0)
            {
                prefix = value;
            }
            else if (table.TryGetValue((prefix, value), out var known))
            {
                prefix = known;
            }
            else
            {
                Put(prefix);
                table[(prefix, value)] = next++;
                if (next == (1 << width) && width < 12)
                {
                    width++;
                }

                if (next == 4094)
                {
                    Put(256);
                    table.Clear();
                    next = 258;
                    width = 9;
                }

                prefix = value;
            }
        }

        Put(prefix);
        Put(257);
        if (bits > 0)
        {
            packed.WriteByte((byte)(buffer << (8 - bits)));
        }

        return packed.ToArray();

        void Put(int code)
        {
            buffer = (buffer << width) | (uint)code;
            bits += width;
            while (bits >= 8)
            {
                packed.WriteByte((byte)(buffer >> (bits - 8)));
                bits -= 8;
            }
        }
    }

    private void Patch(MemoryStream file, long place, long value)
    {
        var end = file.Position;
        file.Position = place;
        PutPointer(file, value);
        file.Position = end;
    }

    private void PutPointer(Stream s, long value)
    {
        if (big)
        {
            Put64(s, (ulong)value);
        }
        else
        {
            Put32(s, (uint)value);
        }
    }

    private void Put16(Stream s, int value)
    {
        Span<byte> b = stackalloc byte[2];
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt16BigEndian(b, (ushort)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(b, (ushort)value);
        }

        s.Write(b);
    }

    private void Put32(Stream s, uint value)
    {
        Span<byte> b = stackalloc byte[4];
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(b, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(b, value);
        }

        s.Write(b);
    }

    private void Put64(Stream s, ulong value)
    {
        Span<byte> b = stackalloc byte[8];
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt64BigEndian(b, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(b, value);
        }

        s.Write(b);
    }
}
