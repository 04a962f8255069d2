using System.Buffers.Binary;

namespace HoverFast.Slides.Jpeg2000;

/// <summary>How a component is coded (T.800 A.6.1).</summary>
/// <param name="Progression">Order of the packets, 0 to 4.</param>
/// <param name="Layers">Quality layers.</param>
/// <param name="MixesComponents">Whether the first three components are transformed together.</param>
/// <param name="Levels">Wavelet levels.</param>
/// <param name="BlockWidthBits">Logarithm of a code-block's width.</param>
/// <param name="BlockHeightBits">Logarithm of its height.</param>
/// <param name="BlockFlags">Variants of block coding.</param>
/// <param name="IsReversible">The 5/3 wavelet in whole numbers, else 9/7.</param>
/// <param name="Precincts">For each resolution the logarithms of a precinct's width (low four bits) and height; empty means the largest.</param>
/// <param name="MarksPackets">Whether packets may begin with a marker.</param>
/// <param name="MarksHeaders">Whether packet headers end with a marker.</param>
internal sealed record CodingStyle(
    int Progression,
    int Layers,
    bool MixesComponents,
    int Levels,
    int BlockWidthBits,
    int BlockHeightBits,
    int BlockFlags,
    bool IsReversible,
    byte[] Precincts,
    bool MarksPackets,
    bool MarksHeaders)
{
    public const int ResetsContexts = 2;
    public const int IsVerticallyCausal = 8;
    public const int HasSegmentSymbols = 32;
    private const int Supported = ResetsContexts | IsVerticallyCausal | HasSegmentSymbols;

    /// <summary>Reads the whole segment.</summary>
    public static CodingStyle Read(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 10)
        {
            throw new InvalidDataException("The coding style of the JPEG 2000 data is cut short.");
        }

        var blank = new CodingStyle(
            segment[1],
            BinaryPrimitives.ReadUInt16BigEndian(segment[2..]),
            segment[4] != 0,
            0,
            0,
            0,
            0,
            false,
            [],
            (segment[0] & 2) != 0,
            (segment[0] & 4) != 0);
        if (blank.Progression > 4 || blank.Layers == 0)
        {
            throw new InvalidDataException("The coding style of the JPEG 2000 data is damaged.");
        }

        return blank.With((segment[0] & 1) != 0, segment[5..]);
    }

    /// <summary>The style with what one component has of its own.</summary>
    public CodingStyle Overridden(ReadOnlySpan<byte> segment) => segment.Length < 6
        ? throw new InvalidDataException("The coding style of the JPEG 2000 data is cut short.")
        : With((segment[0] & 1) != 0, segment[1..]);

    /// <summary>Logarithm of a precinct's width at a resolution.</summary>
    public int PrecinctWidthBits(int resolution) => Precincts.Length == 0 ? 15 : Precincts[resolution] & 15;

    /// <summary>Logarithm of a precinct's height at a resolution.</summary>
    public int PrecinctHeightBits(int resolution) => Precincts.Length == 0 ? 15 : Precincts[resolution] >> 4;

    private CodingStyle With(bool hasPrecincts, ReadOnlySpan<byte> parameters)
    {
        int levels = parameters[0];
        var width = parameters[1] + 2;
        var height = parameters[2] + 2;
        if (levels > 32 || width > 10 || height > 10 || width + height > 12 || parameters[4] > 1 || (hasPrecincts && parameters.Length < 6 + levels))
        {
            throw new InvalidDataException("The coding style of the JPEG 2000 data is damaged.");
        }

        if ((parameters[3] & ~Supported) != 0)
        {
            throw new NotSupportedException($"The JPEG 2000 data uses a variant of block coding (0x{parameters[3]:X2}) that isn't supported.");
        }

        var precincts = hasPrecincts ? parameters.Slice(5, levels + 1).ToArray() : [];
        for (var r = 1; r < precincts.Length; r++)
        {
            if ((precincts[r] & 15) == 0 || precincts[r] >> 4 == 0)
            {
                throw new InvalidDataException("The precincts of the JPEG 2000 data are damaged.");
            }
        }

        return this with
        {
            Levels = levels,
            BlockWidthBits = width,
            BlockHeightBits = height,
            BlockFlags = parameters[3],
            IsReversible = parameters[4] == 1,
            Precincts = precincts,
        };
    }
}
