using System.Buffers;

namespace HoverFast.Slides.Dicom;

/// <summary>The frames of instances that are parts of one, cut where it became too long (PS3.3 C.7.6.16.2.2.4), in their order.</summary>
internal sealed class DicomConcatenation : IDicomFrames
{
    private readonly IDicomFrames[] _parts;

    /// <summary>The first frame of each part.</summary>
    private readonly int[] _starts;

    /// <summary>Puts parts together.</summary>
    /// <param name="parts">In any order.</param>
    /// <exception cref="InvalidDataException">A part is missing, or they don't fit together.</exception>
    public DicomConcatenation(IReadOnlyList<IDicomInstance> parts)
    {
        Parts =
        [
            .. parts
                .OrderBy(p => p.Elements.Integer(DicomTag.InConcatenationNumber) ?? 1)
                .ThenBy(p => p.Elements.Integer(DicomTag.ConcatenationFrameOffset) ?? 0),
        ];
        var total = parts.Max(p => p.Elements.Integer(DicomTag.InConcatenationTotal) ?? 0);
        _parts = [.. Parts.Select(p => p.Frames)];
        _starts = new int[_parts.Length];
        for (var i = 0; i < _parts.Length; i++)
        {
            _starts[i] = Count;
            var elements = Parts[i].Elements;
            if ((elements.Integer(DicomTag.InConcatenationNumber) ?? 1) != i + 1 || (elements.Integer(DicomTag.ConcatenationFrameOffset) ?? Count) != Count)
            {
                throw new InvalidDataException(Incomplete(i + 1, total));
            }

            Count = checked(Count + _parts[i].Count);
        }

        if (total > _parts.Length)
        {
            throw new InvalidDataException(Incomplete(_parts.Length + 1, total));
        }
    }

    /// <summary>The parts in their order.</summary>
    public IReadOnlyList<IDicomInstance> Parts { get; }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public long Length => _parts.Sum(p => p.Length);

    /// <summary>What the parts of one instance have in common, or an instance's own name.</summary>
    public static string IdentityOf(IDicomInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return instance.Elements.Text(DicomTag.Concatenation) is { Length: > 0 } concatenation ? concatenation
            : instance.Elements.Text(DicomTag.ConcatenationSource) is { Length: > 0 } source ? source
            : instance.Name;
    }

    /// <inheritdoc/>
    public IMemoryOwner<byte> Read(int frame)
    {
        var part = PartOf(frame);
        return _parts[part].Read(frame - _starts[part]);
    }

    /// <inheritdoc/>
    public void Announce(IEnumerable<int> frames)
    {
        foreach (var group in frames.GroupBy(PartOf))
        {
            _parts[group.Key].Announce(group.Select(f => f - _starts[group.Key]));
        }
    }

    private int PartOf(int frame)
    {
        var part = Array.BinarySearch(_starts, frame);
        return part < 0 ? ~part - 1 : part;
    }

    private static string Incomplete(int part, long total) =>
        $"It is one of several instances that make up a level (a concatenation), and part {part}{(total > 0 ? $" of {total}" : "")} is missing or doesn't fit. All parts must lie in one folder.";
}
