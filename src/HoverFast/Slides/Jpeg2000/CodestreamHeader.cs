using System.Buffers.Binary;

namespace HoverFast.Slides.Jpeg2000;

/// <summary>The main header of a JPEG 2000 codestream (ITU-T T.800 annex A).</summary>
internal sealed class CodestreamHeader
{
    private const int MostComponents = 4;
    private const long MostPixels = 160_000_000;

    private CodestreamHeader()
    {
    }

    /// <summary>Right and lower edge of the picture on the reference grid.</summary>
    public int X1 { get; private set; }

    public int Y1 { get; private set; }

    /// <summary>Left and upper edge.</summary>
    public int X0 { get; private set; }

    public int Y0 { get; private set; }

    /// <summary>Size and origin of tiles.</summary>
    public int TileWidth { get; private set; }

    public int TileHeight { get; private set; }

    public int TileX0 { get; private set; }

    public int TileY0 { get; private set; }

    public Component[] Components { get; private set; } = [];

    /// <summary>Coding styles, one a component.</summary>
    public CodingStyle[] Styles { get; private set; } = [];

    /// <summary>Quantisations, one a component.</summary>
    public Quantisation[] Quantisations { get; private set; } = [];

    /// <summary>Where the first tile-part begins.</summary>
    public int End { get; private set; }

    /// <summary>Pixels of the picture.</summary>
    public PixelSize Size => new(X1 - X0, Y1 - Y0);

    public int TileColumns => CeilingDivide(X1 - TileX0, TileWidth);

    public int TileRows => CeilingDivide(Y1 - TileY0, TileHeight);

    /// <summary>Reads the main header, from the start-of-codestream marker on.</summary>
    /// <exception cref="InvalidDataException">The header is damaged.</exception>
    /// <exception cref="NotSupportedException">It uses a part of the standard that slides don't.</exception>
    public static CodestreamHeader Read(ReadOnlySpan<byte> stream)
    {
        var header = new CodestreamHeader();
        if (stream.Length < 4 || stream[0] != 0xFF || stream[1] != 0x4F)
        {
            throw new InvalidDataException("The JPEG 2000 data doesn't start as JPEG 2000 does.");
        }

        var at = 2;
        var hasStyle = false;
        var hasQuantisation = false;
        var own = new List<(byte Marker, int Start, int Length)>();
        while (true)
        {
            if (at + 4 > stream.Length || stream[at] != 0xFF)
            {
                throw new InvalidDataException("The header of the JPEG 2000 data is damaged.");
            }

            var marker = stream[at + 1];
            if (marker == 0x90)
            {
                break;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 2)..]);
            if (length < 2 || at + 2 + length > stream.Length)
            {
                throw new InvalidDataException("The header of the JPEG 2000 data is cut short.");
            }

            var segment = stream.Slice(at + 4, length - 2);
            if (marker == 0x51)
            {
                header.ReadSize(segment);
            }
            else if (header.Components.Length == 0)
            {
                throw new InvalidDataException("The JPEG 2000 data doesn't state its size first.");
            }
            else if (IsOfOneComponent(marker))
            {
                own.Add((marker, at + 4, length - 2));
            }
            else
            {
                header.ReadSegment(marker, segment, header.Styles, header.Quantisations);
                hasStyle |= marker == 0x52;
                hasQuantisation |= marker == 0x5C;
            }

            at += 2 + length;
        }

        if (!hasStyle || !hasQuantisation)
        {
            throw new InvalidDataException("The header of the JPEG 2000 data is incomplete.");
        }

        foreach (var (marker, start, length) in own)
        {
            header.ReadSegment(marker, stream.Slice(start, length), header.Styles, header.Quantisations);
        }

        header.End = at;
        return header;
    }

    /// <summary>
    /// Whether a segment is one component's own. It counts more than what its header says for all of them, wherever it stands in it (T.800 A.6): it is to be
    /// read after them.
    /// </summary>
    public static bool IsOfOneComponent(byte marker) => marker is 0x53 or 0x5D;

    /// <summary>Reads a segment that a main or tile-part header may hold.</summary>
    public void ReadSegment(byte marker, ReadOnlySpan<byte> segment, CodingStyle[] styles, Quantisation[] quantisations)
    {
        switch (marker)
        {
            case 0x52:
                Array.Fill(styles, CodingStyle.Read(segment));
                break;
            case 0x53:
                var c = ComponentOf(ref segment);
                styles[c] = styles[c].Overridden(segment);
                break;
            case 0x5C:
                Array.Fill(quantisations, Quantisation.Read(segment));
                break;
            case 0x5D:
                quantisations[ComponentOf(ref segment)] = Quantisation.Read(segment);
                break;
            case 0x5E or 0x5F or 0x60 or 0x61:
                throw new NotSupportedException("The JPEG 2000 data uses regions of interest, changing orders or packed headers, which aren't supported.");
            default:
                // Comments, lengths and pointers aren't needed.
                break;
        }
    }

    private static int CeilingDivide(int value, int divisor) => (int)(((long)value + divisor - 1) / divisor);

    private int ComponentOf(ref ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 1 || segment[0] >= Components.Length)
        {
            throw new InvalidDataException("The header of the JPEG 2000 data names a component that isn't there.");
        }

        var c = segment[0];
        segment = segment[1..];
        return c;
    }

    private void ReadSize(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 36)
        {
            throw new InvalidDataException("The header of the JPEG 2000 data is cut short.");
        }

        var numbers = new int[8];
        for (var i = 0; i < 8; i++)
        {
            var number = BinaryPrimitives.ReadUInt32BigEndian(segment[(2 + (i * 4))..]);
            numbers[i] = number <= int.MaxValue / 2 ? (int)number : throw new InvalidDataException("The JPEG 2000 data states an absurd size.");
        }

        (X1, Y1, X0, Y0, TileWidth, TileHeight, TileX0, TileY0) = (
            numbers[0],
            numbers[1],
            numbers[2],
            numbers[3],
            numbers[4],
            numbers[5],
            numbers[6],
            numbers[7]);
        var count = BinaryPrimitives.ReadUInt16BigEndian(segment[34..]);
        var sane = X1 > X0 && Y1 > Y0 && TileWidth > 0 && TileHeight > 0 && TileX0 <= X0 && TileY0 <= Y0
            && (long)TileX0 + TileWidth > X0 && (long)TileY0 + TileHeight > Y0 && Size.Area <= MostPixels && count > 0 && segment.Length >= 36 + (3 * count);
        if (!sane)
        {
            throw new InvalidDataException("The JPEG 2000 data states an absurd size.");
        }

        if (count > MostComponents)
        {
            throw new NotSupportedException($"The JPEG 2000 data has {count} components; up to {MostComponents} are supported.");
        }

        Components = new Component[count];
        for (var c = 0; c < count; c++)
        {
            var part = segment.Slice(36 + (3 * c), 3);
            Components[c] = new Component((part[0] & 0x7F) + 1, (part[0] & 0x80) != 0, part[1], part[2]);
            if (part[1] == 0 || part[2] == 0 || Components[c].Bits > 16)
            {
                throw new NotSupportedException("The JPEG 2000 data has components of more than 16 bits.");
            }
        }

        Styles = new CodingStyle[count];
        Quantisations = new Quantisation[count];
    }

    /// <summary>One component: its bits, whether signed, and how many grid points a sample spans.</summary>
    public readonly record struct Component(int Bits, bool IsSigned, int StepX, int StepY);
}
