using System.Numerics;

namespace HoverFast.Slides.Jpeg2000;

/// <summary>
/// One tile of a codestream: lays out its resolutions, bands, precincts and code-blocks (T.800 annex B), collects the packets' bytes, then
/// decodes and transforms each component.
/// </summary>
internal sealed class TileDecoder
{
    private const int MostBlocks = 4_000_000;

    /// <summary>A resolution, its bands and what they keep take as much memory as so many blocks, even where they hold nothing.</summary>
    private const int ResolutionCost = 4;
    private readonly CodestreamHeader _header;
    private readonly CodingStyle[] _styles;
    private readonly Quantisation[] _quantisations;
    private readonly TileComponent[] _components;
    private readonly IEnumerator<Packet> _packets;
    private bool _ended;

    /// <summary>Lays out a tile.</summary>
    /// <param name="header">The main header.</param>
    /// <param name="index">The tile's number.</param>
    /// <param name="styles">Coding styles with what the tile has of its own.</param>
    /// <param name="quantisations">Quantisations with what the tile has of its own.</param>
    /// <param name="blocks">Blocks of all tiles so far: they are held together.</param>
    public TileDecoder(CodestreamHeader header, int index, CodingStyle[] styles, Quantisation[] quantisations, ref long blocks)
    {
        _header = header;
        _styles = styles;
        _quantisations = quantisations;
        var (p, q) = (index % header.TileColumns, index / header.TileColumns);
        X0 = Math.Max(header.TileX0 + (p * header.TileWidth), header.X0);
        Y0 = Math.Max(header.TileY0 + (q * header.TileHeight), header.Y0);
        X1 = (int)Math.Min(header.TileX0 + ((p + 1L) * header.TileWidth), header.X1);
        Y1 = (int)Math.Min(header.TileY0 + ((q + 1L) * header.TileHeight), header.Y1);
        _components = new TileComponent[header.Components.Length];
        for (var c = 0; c < _components.Length; c++)
        {
            var component = header.Components[c];
            blocks += (styles[c].Levels + 1) * ResolutionCost;
            _components[c] = new TileComponent(
                styles[c],
                CeilingDivide(X0, component.StepX),
                CeilingDivide(Y0, component.StepY),
                CeilingDivide(X1, component.StepX),
                CeilingDivide(Y1, component.StepY),
                ref blocks);
            if (blocks > MostBlocks)
            {
                throw new InvalidDataException("The JPEG 2000 data is cut into absurdly many blocks.");
            }
        }

        _packets = Order().GetEnumerator();
    }

    public int X0 { get; }

    public int Y0 { get; }

    public int X1 { get; }

    public int Y1 { get; }

    /// <summary>Reads the packets of one tile-part; they go on where the last part ended.</summary>
    public void ReadPackets(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0 && !_ended)
        {
            if (!_packets.MoveNext())
            {
                _ended = true;
                return;
            }

            var packet = _packets.Current;
            data = ReadPacket(data, packet);
        }
    }

    /// <summary>Decodes a component.</summary>
    /// <param name="component">Its number.</param>
    /// <param name="decoder">Scratch of the calling thread.</param>
    /// <returns>Samples of the component's tile rectangle, before the shift to unsigned.</returns>
    public Plane DecodeComponent(int component, BlockDecoder decoder)
    {
        var tile = _components[component];
        var style = _styles[component];
        var quantisation = _quantisations[component];
        var plane = new Plane(tile.Resolutions[0].X0, tile.Resolutions[0].Y0, tile.Resolutions[0].Width, tile.Resolutions[0].Height, []);
        for (var r = 0; r <= style.Levels; r++)
        {
            var resolution = tile.Resolutions[r];
            var bands = new float[resolution.Bands.Length][];
            for (var b = 0; b < bands.Length; b++)
            {
                bands[b] = DecodeBand(resolution.Bands[b], style, quantisation, _header.Components[component].Bits, decoder);
            }

            plane = r == 0 ? plane with { Samples = bands[0] } : Combine(resolution, plane, bands, style.IsReversible);
        }

        return plane;
    }

    /// <summary>Whether components 0 to 2 were transformed together.</summary>
    public bool MixesComponents => _styles[0].MixesComponents;

    /// <summary>Whether that was in whole numbers.</summary>
    public bool IsReversible => _styles[0].IsReversible;

    internal static int CeilingDivide(int value, int divisor) => (int)(((long)value + divisor - 1) / divisor);

    internal static int CeilingShift(int value, int bits) => (int)(((long)value + (1L << bits) - 1) >> bits);

    private static float[] DecodeBand(Band band, CodingStyle style, Quantisation quantisation, int bits, BlockDecoder decoder)
    {
        var samples = new float[band.Width * band.Height];
        if (samples.Length == 0)
        {
            return samples;
        }

        var (exponent, mantissa) = quantisation.Of(band.Index);
        var gain = band.Orientation switch { 0 => 0, 3 => 2, _ => 1 };

        // Values come doubled, so that the middle of an interval is a whole number.
        var step = style.IsReversible ? 0.5f : MathF.ScaleB(1 + (mantissa / 2048f), bits + gain - exponent - 1);
        var values = new int[1 << (style.BlockWidthBits + style.BlockHeightBits)];
        foreach (var precinct in band.Precincts)
        {
            foreach (var block in precinct.Blocks)
            {
                if (block.Passes == 0)
                {
                    continue;
                }

                var planes = quantisation.GuardBits + exponent - 1 - block.ZeroPlanes;
                if (planes is < 1 or > 29)
                {
                    throw new InvalidDataException("A block of the JPEG 2000 data has an absurd number of bit planes.");
                }

                var (width, height) = (block.X1 - block.X0, block.Y1 - block.Y0);
                var area = values.AsSpan(0, width * height);
                area.Clear();
                decoder.Decode(block.Bytes(), block.Passes, planes, band.Orientation, style.BlockFlags, width, height, area);
                for (var y = 0; y < height; y++)
                {
                    var from = area.Slice(y * width, width);
                    var to = samples.AsSpan(((block.Y0 - band.Y0 + y) * band.Width) + block.X0 - band.X0, width);
                    if (style.IsReversible)
                    {
                        for (var x = 0; x < width; x++)
                        {
                            // The magnitude in whole numbers: half a unit is dropped.
                            to[x] = from[x] / 2;
                        }
                    }
                    else
                    {
                        for (var x = 0; x < width; x++)
                        {
                            to[x] = from[x] * step;
                        }
                    }
                }
            }
        }

        return samples;
    }

    /// <summary>Undoes one wavelet level.</summary>
    private static Plane Combine(Resolution resolution, Plane low, float[][] bands, bool isReversible)
    {
        var (width, height) = (resolution.Width, resolution.Height);
        var samples = new float[width * height];
        if (samples.Length == 0)
        {
            return new Plane(resolution.X0, resolution.Y0, width, height, samples);
        }

        var (oddX, oddY) = (resolution.X0 % 2 == 1, resolution.Y0 % 2 == 1);
        var (hl, lh, hh) = (resolution.Bands[0], resolution.Bands[1], resolution.Bands[2]);
        for (var y = 0; y < height; y++)
        {
            var isHigh = y % 2 == (oddY ? 0 : 1);
            var n = oddY && !isHigh ? (y - 1) / 2 : y / 2;
            var row = samples.AsSpan(y * width, width);
            if (isHigh)
            {
                Wavelet.Row(bands[1].AsSpan(n * lh.Width, lh.Width), bands[2].AsSpan(n * hh.Width, hh.Width), oddX, isReversible, row);
            }
            else
            {
                Wavelet.Row(low.Samples.AsSpan(n * low.Width, low.Width), bands[0].AsSpan(n * hl.Width, hl.Width), oddX, isReversible, row);
            }
        }

        Wavelet.Columns(samples, width, height, oddY, isReversible);
        return new Plane(resolution.X0, resolution.Y0, width, height, samples);
    }

    private ReadOnlySpan<byte> ReadPacket(ReadOnlySpan<byte> data, Packet packet)
    {
        var style = _styles[packet.Component];
        if (style.MarksPackets && data.Length >= 6 && data[0] == 0xFF && data[1] == 0x91)
        {
            data = data[6..];
        }

        var bits = new PacketBits(data);
        var included = new List<(Block Block, int Length)>();
        var bands = _components[packet.Component].Resolutions[packet.Resolution].Bands;
        if (bits.Next() == 1)
        {
            foreach (var band in bands)
            {
                ReadHeader(ref bits, band.Precincts[packet.Precinct], packet.Layer, included);
            }
        }

        data = data[bits.Length..];
        if (style.MarksHeaders && data.Length >= 2 && data[0] == 0xFF && data[1] == 0x92)
        {
            data = data[2..];
        }

        foreach (var (block, length) in included)
        {
            if (length > data.Length)
            {
                throw new InvalidDataException("The JPEG 2000 data is cut short.");
            }

            block.Append(data[..length]);
            data = data[length..];
        }

        return data;
    }

    private static void ReadHeader(ref PacketBits bits, Precinct precinct, int layer, List<(Block Block, int Length)> included)
    {
        for (var i = 0; i < precinct.Blocks.Length; i++)
        {
            var block = precinct.Blocks[i];
            var (x, y) = (i % precinct.Columns, i / precinct.Columns);
            var isIncluded = block.LengthBits > 0 ? bits.Next() == 1 : precinct.Inclusion.IsBelow(ref bits, x, y, layer + 1);
            if (!isIncluded)
            {
                continue;
            }

            if (block.LengthBits == 0)
            {
                block.LengthBits = 3;
                var threshold = 1;
                while (!precinct.ZeroPlanes.IsBelow(ref bits, x, y, threshold))
                {
                    if (++threshold > 80)
                    {
                        throw new InvalidDataException("The JPEG 2000 data is damaged.");
                    }
                }

                block.ZeroPlanes = precinct.ZeroPlanes.Value(x, y);
            }

            var passes = ReadPasses(ref bits);
            while (bits.Next() == 1)
            {
                if (++block.LengthBits > 31)
                {
                    throw new InvalidDataException("The JPEG 2000 data is damaged.");
                }
            }

            var lengthBits = block.LengthBits + BitOperations.Log2((uint)passes);
            var length = lengthBits <= 31 ? bits.Next(lengthBits) : throw new InvalidDataException("The JPEG 2000 data is damaged.");
            block.Passes += passes;
            if (block.Passes > 3 * 32)
            {
                throw new InvalidDataException("The JPEG 2000 data is damaged.");
            }

            included.Add((block, length));
        }
    }

    /// <summary>Table B.4.</summary>
    private static int ReadPasses(ref PacketBits bits)
    {
        if (bits.Next() == 0)
        {
            return 1;
        }

        if (bits.Next() == 0)
        {
            return 2;
        }

        var two = bits.Next(2);
        if (two < 3)
        {
            return 3 + two;
        }

        var five = bits.Next(5);
        return five < 31 ? 6 + five : 37 + bits.Next(7);
    }

    /// <summary>The packets in the order of the stream (T.800 B.12).</summary>
    private IEnumerable<Packet> Order()
    {
        var layers = _styles[0].Layers;
        var resolutions = _styles.Max(s => s.Levels) + 1;
        var components = _components.Length;
        switch (_styles[0].Progression)
        {
            case 0 or 1:
                var together = _styles[0].Progression == 0 ? resolutions : 1;
                for (var first = 0; first < resolutions; first += together)
                {
                    // Layers without any packet are passed over at once: there may be 65,535 of them.
                    var held = Held(first, first + together);
                    for (var l = 0; l < layers && held.Count > 0; l++)
                    {
                        foreach (var (r, c) in held)
                        {
                            for (var k = 0; k < PrecinctsOf(c, r); k++)
                            {
                                yield return new Packet(l, r, c, k);
                            }
                        }
                    }
                }

                break;
            case 2:
                for (var r = 0; r < resolutions; r++)
                {
                    foreach (var packet in ByPosition(0, components, r, r + 1, layers))
                    {
                        yield return packet;
                    }
                }

                break;
            case 3:
                foreach (var packet in ByPosition(0, components, 0, resolutions, layers))
                {
                    yield return packet;
                }

                break;
            default:
                for (var c = 0; c < components; c++)
                {
                    foreach (var packet in ByPosition(c, c + 1, 0, resolutions, layers))
                    {
                        yield return packet;
                    }
                }

                break;
        }
    }

    /// <summary>The resolutions of a range, and in them the components, that hold any precinct.</summary>
    private List<(int Resolution, int Component)> Held(int first, int end)
    {
        var held = new List<(int, int)>();
        for (var r = first; r < end; r++)
        {
            for (var c = 0; c < _components.Length; c++)
            {
                if (PrecinctsOf(c, r) > 0)
                {
                    held.Add((r, c));
                }
            }
        }

        return held;
    }

    private int PrecinctsOf(int component, int resolution) =>
        resolution < _components[component].Resolutions.Length ? _components[component].Resolutions[resolution].Precincts : 0;

    /// <summary>Packets by where their precinct's corner lies on the reference grid: rows, then columns, then components, resolutions, layers.</summary>
    private IEnumerable<Packet> ByPosition(int firstComponent, int endComponent, int firstResolution, int endResolution, int layers)
    {
        var places = new List<(long Y, long X, int Component, int Resolution, int Precinct)>();
        for (var c = firstComponent; c < endComponent; c++)
        {
            var (stepX, stepY) = (_header.Components[c].StepX, _header.Components[c].StepY);
            for (var r = firstResolution; r < Math.Min(endResolution, _components[c].Resolutions.Length); r++)
            {
                var resolution = _components[c].Resolutions[r];
                var drop = _styles[c].Levels - r;
                for (var k = 0; k < resolution.Precincts; k++)
                {
                    var (x, y) = resolution.CornerOf(k);

                    // The first precinct of a row or column begins where the tile does.
                    places.Add((Math.Max((long)y * stepY << drop, Y0), Math.Max((long)x * stepX << drop, X0), c, r, k));
                }
            }
        }

        places.Sort();
        foreach (var place in places)
        {
            for (var l = 0; l < layers; l++)
            {
                yield return new Packet(l, place.Resolution, place.Component, place.Precinct);
            }
        }
    }

    private readonly record struct Packet(int Layer, int Resolution, int Component, int Precinct);

    /// <summary>Samples of a rectangle.</summary>
    internal sealed record Plane(int X0, int Y0, int Width, int Height, float[] Samples);
}
