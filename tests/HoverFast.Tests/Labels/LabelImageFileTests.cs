using System.Buffers.Binary;
using System.IO.Compression;
using HoverFast.Labels;
using HoverFast.Labels.Png;
using HoverFast.Slides;
using HoverFast.Slides.Png;
using Xunit;

namespace HoverFast.Tests.Labels;

public sealed class LabelImageFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hoverfast-labels-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 5)]
    [InlineData(300, 200)]
    public void PngKeepsEveryLabel(int width, int height)
    {
        var random = new Random(width);
        var image = new LabelImage(width, height, [.. Enumerable.Range(0, width * height).Select(_ => random.Next(65536))]);
        var path = Path.Combine(_folder, "labels.png");
        LabelImageFile.WritePng(path, image);
        var back = LabelImageFile.Read(path);
        Assert.Equal(image.Size, back.Size);
        Assert.Equal(image.Labels, back.Labels);
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(300, 200)]
    [InlineData(256, 512)]
    public void TiffKeepsEveryLabel(int width, int height)
    {
        var random = new Random(width);
        var image = new LabelImage(width, height, [.. Enumerable.Range(0, width * height).Select(_ => random.Next(3) == 0 ? random.Next() : 0)]);
        var path = Path.Combine(_folder, "labels.tif");
        LabelImageFile.WriteTiff(path, image, new Mpp(0.25));
        Assert.Equal(image.Labels, LabelImageFile.Read(path).Labels);
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void ReadsStripsOfEitherByteOrderWithAndWithoutDifferences()
    {
        // 3 x 2 pixels of 16 bits, big-endian, one strip; then deflated as differences from the left neighbour. Where nothing is packed, the predictor's tag
        // says nothing (libtiff has it so).
        foreach (var (packed, predictor) in new (bool, byte)[] { (false, 1), (true, 1), (true, 2), (false, 2), (false, 3) })
        {
            int[] labels = [1, 300, 2, 65535, 0, 7];
            int[] stored = packed && predictor == 2 ? [1, 299, -298, 65535, -65535, 7] : labels;
            byte[] strip = [.. stored.SelectMany(v => new[] { (byte)(v >> 8), (byte)v })];
            if (packed)
            {
                using var deflated = new MemoryStream();
                using (var zlib = new System.IO.Compression.ZLibStream(deflated, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
                {
                    zlib.Write(strip);
                }

                strip = deflated.ToArray();
            }

            using var file = new MemoryStream();
            file.Write([(byte)'M', (byte)'M', 0, 42, 0, 0, 0, (byte)(8 + strip.Length)]);
            file.Write(strip);
            (ushort Tag, ushort Value)[] tags =
            [
                (256, 3), (257, 2), (258, 16), (259, (ushort)(packed ? 8 : 1)), (262, 1), (273, 8), (277, 1), (278, 2), (279, (ushort)strip.Length),
                (317, predictor),
            ];
            file.Write([0, (byte)tags.Length]);
            foreach (var (tag, value) in tags)
            {
                file.Write([(byte)(tag >> 8), (byte)tag, 0, 3, 0, 0, 0, 1, (byte)(value >> 8), (byte)value, 0, 0]);
            }

            file.Write([0, 0, 0, 0]);
            var path = Path.Combine(_folder, "strips.tif");
            File.WriteAllBytes(path, file.ToArray());
            Assert.Equal(labels, LabelImageFile.Read(path).Labels);
        }
    }

    [Fact]
    public void PngRefusesWhatItCannotHold()
    {
        var path = Path.Combine(_folder, "labels.png");
        Assert.Throws<ArgumentException>(() => LabelImageFile.WritePng(path, new LabelImage(2, 1, [0, 65536])));
        Assert.Throws<ArgumentException>(() => LabelImageFile.WritePng(path, new LabelImage(2, 1, [0, -1])));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void ReadsEveryDepthAndFilter(int bits)
    {
        const int Width = 13;
        const int Height = 11;
        var random = new Random(bits);
        int[] values = [.. Enumerable.Range(0, Width * Height).Select(_ => random.Next(1 << bits))];
        var back = GrayPng.Read(new MemoryStream(Encode(values, Width, Height, bits, colour: 0, interlace: 0)));
        Assert.Equal(values, back.Labels);
    }

    [Fact]
    public void ColourAndInterlaceAreNamedAsTheTrouble()
    {
        var path = Path.Combine(_folder, "x.png");
        File.WriteAllBytes(path, Encode(new int[6], 3, 2, 8, colour: 2, interlace: 0));
        Assert.Contains("colour", Assert.Throws<SlideException>(() => LabelImageFile.Read(path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, Encode(new int[6], 3, 2, 8, colour: 0, interlace: 1));
        Assert.Contains("interlace", Assert.Throws<SlideException>(() => LabelImageFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedFilesGiveAClearError()
    {
        var path = Path.Combine(_folder, "x.png");
        var whole = Encode([.. Enumerable.Range(0, 400)], 20, 20, 16, colour: 0, interlace: 0);
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var bytes = whole.ToArray();
            if (i < 100)
            {
                bytes = bytes[..(i * (bytes.Length - 1) / 100)];
            }
            else
            {
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            File.WriteAllBytes(path, bytes);
            Assert.Contains(path, Assert.Throws<SlideException>(() => LabelImageFile.Read(path)).Message, StringComparison.Ordinal);
        }

        Assert.Contains("no such file", Assert.Throws<SlideException>(() => LabelImageFile.Read(path + "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadsRealLabels()
    {
        var folder = SharedData.Require("data", "tnbc", "val", "labels");
        var file = Directory.GetFiles(folder, "*.png").Order(StringComparer.Ordinal).First();
        var labels = LabelImageFile.Read(file);
        Assert.Equal(new PixelSize(512, 512), labels.Size);

        // Labels run from 1 without a gap.
        Assert.Equal(labels.Labels.Max(), labels.Labels.Distinct().Count(l => l > 0));
        Assert.InRange(labels.Labels.Max(), 2, 500);
    }

    /// <summary>A PNG whose rows take the five filters in turn, by the definitions of the specification.</summary>
    private static byte[] Encode(int[] values, int width, int height, int bits, byte colour, byte interlace)
    {
        var length = ((width * bits) + 7) / 8;
        var step = Math.Max(1, bits / 8);
        var above = new byte[length];
        using var raw = new MemoryStream();
        using (var zlib = new ZLibStream(raw, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < height; y++)
            {
                var row = new byte[length];
                for (var x = 0; x < width; x++)
                {
                    var value = values[(y * width) + x];
                    if (bits == 16)
                    {
                        BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(x * 2), (ushort)value);
                    }
                    else
                    {
                        row[x * bits / 8] |= (byte)(value << (8 - bits - (x * bits % 8)));
                    }
                }

                zlib.WriteByte((byte)(y % 5));
                for (var i = 0; i < length; i++)
                {
                    int left = i < step ? 0 : row[i - step];
                    int up = above[i];
                    int corner = i < step ? 0 : above[i - step];
                    var p = left + up - corner;
                    var nearest = new[] { left, up, corner }.MinBy(v => Math.Abs(p - v));
                    var guess = (y % 5) switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => nearest };
                    zlib.WriteByte((byte)(row[i] - guess));
                }

                above = row;
            }
        }

        using var file = new MemoryStream();
        file.Write(PngChunks.Signature);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)bits, colour, interlace);
        PngChunks.Write(file, "IHDR"u8, header);
        var data = raw.ToArray();
        PngChunks.Write(file, "IDAT"u8, data.AsSpan(0, data.Length / 2));
        PngChunks.Write(file, "IDAT"u8, data.AsSpan(data.Length / 2));
        PngChunks.Write(file, "IEND"u8, []);
        return file.ToArray();
    }
}
