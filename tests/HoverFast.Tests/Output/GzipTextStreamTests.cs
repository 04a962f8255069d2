using System.IO.Compression;
using System.Text;
using HoverFast.Files;
using HoverFast.Output.Gzip;
using Xunit;

namespace HoverFast.Tests.Output;

public sealed class GzipTextStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(98_303)]
    [InlineData(98_304)]
    [InlineData(98_305)]
    [InlineData(500_000)]
    public void WhatIsWrittenIsRead(int length)
    {
        var random = new Random(length);
        var noise = new byte[length];
        random.NextBytes(noise);
        var outlines = Outlines(random, length)[..length];
        foreach (
            var text in (byte[][])
                [
                    noise,
                    outlines,
                    new byte[length],
                    [.. Enumerable.Repeat((byte)'[', length)],
                    [.. Enumerable.Range(0, length).Select(i => (byte)("ab,1"[i % 4]))],
                ])
        {
            Assert.Equal(text, Unzip(Zip(text, text.Length)));
        }
    }

    [Fact]
    public void HowItIsHandedOverChangesNothing()
    {
        var random = new Random(1);
        var text = Outlines(random, 300_000);
        var whole = Zip(text, text.Length);
        Assert.Equal(whole, Zip(text, 1000));
        Assert.Equal(whole, Zip(text, 65_537));
        Assert.Equal(text, Unzip(whole));
    }

    [Fact]
    public void OutlinesBecomeAboutAsSmallAsByAGeneralCompressor()
    {
        var text = Outlines(new Random(2), 2_000_000);
        using var reference = new MemoryStream();
        using (var gzip = new GZipStream(reference, new ZLibCompressionOptions { CompressionLevel = 4 }, leaveOpen: true))
        {
            gzip.Write(text);
        }

        Assert.InRange(Zip(text, text.Length).Length, reference.Length / 2, reference.Length * 1.15);
    }

    [Fact]
    public void CodesAreNeverLongerThanAllowed()
    {
        // Fibonacci's numbers make the deepest tree: without the limit the rarest symbol would have 29 bits.
        const int Symbols = 30;
        const int Longest = 15;
        var code = new HuffmanCode(Symbols, Longest);
        var (a, b) = (1, 1);
        for (var s = 0; s < Symbols; s++)
        {
            code.Frequencies[s] = a;
            (a, b) = (b, a + b);
        }

        code.Make();
        Assert.All(code.Lengths, l => Assert.InRange(l, 1, Longest));
        Assert.Equal(1 << Longest, code.Lengths.Sum(l => 1 << (Longest - l)));
        Assert.True(code.Lengths[0] >= code.Lengths[^1]);

        // No code begins another.
        for (var s = 0; s < Symbols; s++)
        {
            for (var t = 0; t < Symbols; t++)
            {
                var mask = (1 << Math.Min(code.Lengths[s], code.Lengths[t])) - 1;
                Assert.True(s == t || (code.Codes[s] & mask) != (code.Codes[t] & mask));
            }
        }
    }

    /// <summary>On a full disk: nothing more is written, and closing it fails at nothing.</summary>
    [Fact]
    public void ClosesWhereItsTargetTookNoMore()
    {
        using var target = new FullStream(1000);
        var gzip = new GzipTextStream(target);
        Assert.Throws<IOException>(() => gzip.Write(Outlines(new Random(1), 2_000_000)));
        var tries = target.Tries;
        gzip.Dispose();
        Assert.Equal(tries, target.Tries);
    }

    private sealed class FullStream(int room) : PackingStream
    {
        private int _taken;

        public int Tries { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Tries++;
            _taken += buffer.Length;
            if (_taken > room)
            {
                throw new IOException("No space left on device");
            }
        }
    }

    /// <summary>At least so many bytes of features such as GeoJSON has them.</summary>
    private static byte[] Outlines(Random random, int length)
    {
        var text = new StringBuilder();
        for (var n = 0; text.Length < length; n++)
        {
            text.Append($"{{\"type\":\"Feature\",\"id\":\"5f2c1a77-99ab-8c1d-b3f0-{n:x12}\",\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[");
            var (x, y) = (random.Next(2_000_000), random.Next(2_000_000));
            for (var p = 0; p < 24; p++)
            {
                var angle = 2 * Math.PI * p / 24;
                text.Append(
                    $"[{(x + (int)(random.Next(1500, 2000) * Math.Cos(angle))) / 100.0},{(y + (int)(random.Next(1500, 2000) * Math.Sin(angle))) / 100.0}],");
            }

            text.Append(
                $"]]}},\"properties\":{{\"objectType\":\"detection\",\"measurements\":{{\"Nucleus: Area \u00B5m^2\":{random.Next(9999) / 100.0}}}}}}},");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Zip(byte[] text, int piece)
    {
        using var target = new MemoryStream();
        using (var gzip = new GzipTextStream(target))
        {
            for (var at = 0; at < text.Length; at += piece)
            {
                gzip.Write(text, at, Math.Min(piece, text.Length - at));
            }
        }

        return target.ToArray();
    }

    private static byte[] Unzip(byte[] zipped)
    {
        using var gzip = new GZipStream(new MemoryStream(zipped), CompressionMode.Decompress);
        using var text = new MemoryStream();
        gzip.CopyTo(text);
        return text.ToArray();
    }
}
