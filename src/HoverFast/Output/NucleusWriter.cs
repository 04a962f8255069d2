using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using HoverFast.Nuclei;

namespace HoverFast.Output;

/// <summary>
/// Hands the nuclei of a slide to all its outputs in one pass. Outlines are rounded to two decimals, checked by JTS's rules and mended
/// where they must be, once for all outputs, so that these agree with each other. Not thread safe; memory does not grow with the count.
/// </summary>
internal sealed class NucleusWriter : IDisposable
{
    private readonly INucleusOutput[] _outputs;
    private readonly OutlineSimplifier? _simplifier;
    private readonly UInt128 _identity;
    private OutlinePoint[] _points = new OutlinePoint[256];
    private long _written;
    private long _mended;
    private long _dropped;
    private readonly SortedDictionary<int, long> _ofType = [];

    /// <summary>Makes the writer.</summary>
    /// <param name="outputs">The outputs; disposed with the writer.</param>
    /// <param name="run">Names slide, model and settings (for example the bytes of their hashes). Object identities follow from it: the same run gives the same
    /// ones, another run others.</param>
    /// <param name="simplify">How far outlines may be simplified, in full-resolution pixels; 0 keeps every point that matters.</param>
    public NucleusWriter(IReadOnlyList<INucleusOutput> outputs, ReadOnlySpan<byte> run, double simplify = 0)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentOutOfRangeException.ThrowIfNegative(simplify);
        _outputs = [.. outputs];
        _simplifier = simplify > 0 ? new OutlineSimplifier(simplify) : null;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(run, hash);
        _identity = BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>What became of the outlines so far.</summary>
    public OutlineCounts Counts => new(_written, _mended, _dropped, _ofType);

    /// <summary>Writes several nuclei to every output.</summary>
    /// <param name="nuclei">In full-resolution pixels from the corner of the slide's bounds.</param>
    /// <param name="measurements">Those of each nucleus, in the order of the names that the outputs were made with.</param>
    public void Add(IReadOnlyList<Nucleus> nuclei, IReadOnlyList<float[]> measurements)
    {
        ArgumentNullException.ThrowIfNull(nuclei);
        ArgumentNullException.ThrowIfNull(measurements);
        for (var i = 0; i < nuclei.Count; i++)
        {
            Add(nuclei[i], measurements[i]);
        }
    }

    /// <summary>Writes one nucleus to every output.</summary>
    /// <param name="nucleus">In full-resolution pixels from the corner of the slide's bounds.</param>
    /// <param name="measurements">In the order of the names that the outputs were made with.</param>
    /// <returns>False where no valid outline could be made; the nucleus then is in no output.</returns>
    public bool Add(Nucleus nucleus, ReadOnlySpan<float> measurements)
    {
        ArgumentNullException.ThrowIfNull(nucleus);
        var outline = Outline(nucleus);
        if (outline.IsEmpty)
        {
            _dropped++;
            return false;
        }

        var written = new SegmentedNucleus
        {
            Ordinal = _written,
            Id = Identity(_identity, _written),
            Outline = outline,
            Nucleus = nucleus,
            Measurements = measurements,
        };
        foreach (var output in _outputs)
        {
            output.Add(written);
        }

        _written++;
        _ofType[nucleus.Type] = _ofType.GetValueOrDefault(nucleus.Type) + 1;
        return true;
    }

    /// <summary>Ends all outputs and gives them their names.</summary>
    public void Complete()
    {
        foreach (var output in _outputs)
        {
            output.Complete();
        }
    }

    /// <summary>Closes the outputs; those that are not complete leave nothing behind.</summary>
    public void Dispose()
    {
        foreach (var output in _outputs)
        {
            output.Dispose();
        }
    }

    /// <summary>
    /// A UUID of version 8 (RFC 9562) whose last 48 bits count: unique in the run by construction, and short once compressed.
    /// </summary>
    internal static Guid Identity(UInt128 run, long ordinal)
    {
        const int Version = 8;
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, run ^ (UInt128)(ulong)(ordinal & ((1L << 48) - 1)));
        bytes[6] = (byte)((bytes[6] & 0x0F) | (Version << 4));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The outline as it is written, empty where none is valid.</summary>
    private ReadOnlySpan<OutlinePoint> Outline(Nucleus nucleus)
    {
        if (_simplifier is not null)
        {
            // Leaving points out can make an outline cross itself; then it stays as it is.
            var simple = Round(_simplifier.Simplify(nucleus.Contour));
            if (OutlineValidity.IsSurelyValid(simple))
            {
                return simple;
            }
        }

        var ring = Round(nucleus.Contour);
        if (OutlineValidity.IsSurelyValid(ring) || OutlineMender.IsValid(ring))
        {
            return ring;
        }

        var mended = OutlineMender.Mend(ring);
        _mended += mended is null ? 0 : 1;
        return mended;
    }

    private Span<OutlinePoint> Round(ReadOnlySpan<Vector2> contour)
    {
        if (_points.Length < contour.Length)
        {
            _points = new OutlinePoint[contour.Length * 2];
        }

        var points = _points.AsSpan(0, contour.Length);
        for (var i = 0; i < contour.Length; i++)
        {
            points[i] = OutlinePoint.Round(contour[i].X, contour[i].Y);
        }

        return points[..OutlineValidity.DropRedundant(points)];
    }
}
