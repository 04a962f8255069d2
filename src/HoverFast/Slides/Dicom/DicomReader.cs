using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace HoverFast.Slides.Dicom;

/// <summary>
/// Reads the elements of a DICOM file (PS3.10, PS3.5 section 7) in little endian, of explicit or implicit representation, up to its pixels. What a file states
/// about itself is never believed: nesting, lengths and the memory that the elements take are bounded.
/// </summary>
internal sealed class DicomReader
{
    /// <summary>Longer values are left in the file.</summary>
    private const int LongestKept = 1 << 16;

    /// <summary>Scanners' profiles with tables take a hundred thousand bytes and more.</summary>
    private const int LongestProfile = 16 << 20;

    private readonly ReadAt _read;
    private readonly DicomBudget _budget = new();
    private readonly byte[] _window = new byte[1 << 16];
    private long _windowStart;
    private int _windowLength;

    /// <summary>Reads from an open file.</summary>
    /// <param name="handle">Stays the caller's.</param>
    public DicomReader(SafeFileHandle handle)
        : this(RandomAccess.GetLength(handle), (bytes, offset) => RandomAccess.Read(handle, bytes, offset))
    {
    }

    /// <summary>Reads from anywhere.</summary>
    /// <param name="length">Bytes that there are.</param>
    /// <param name="read">Fills some of the bytes from an offset, and says how many.</param>
    public DicomReader(long length, ReadAt read)
    {
        _read = read;
        Length = length;
    }

    /// <summary>Fills some of the bytes from an offset; returns how many, 0 at the end.</summary>
    public delegate int ReadAt(Span<byte> bytes, long offset);

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>
    /// Sequences of the outermost data set whose items are handed over one by one, and not kept: those that hold an item for each frame.
    /// </summary>
    public Dictionary<DicomTag, Action<DicomDataSet>> HandedOver { get; } = [];

    /// <summary>Where to stop in the outermost data set: elements from this tag on aren't read. Null reads up to the pixels.</summary>
    public DicomTag? StopBefore { get; init; }

    /// <summary>Whether colour profiles are read however long they are; the headers of many files, which are only held together, do without.</summary>
    public bool KeepsProfiles { get; init; }

    /// <summary>Whether the first bytes are those of a DICOM file.</summary>
    public static bool IsDicom(ReadOnlySpan<byte> start) => start.Length >= 132 && start[128..132].SequenceEqual("DICM"u8);

    /// <summary>
    /// Reads the file's meta information and its data set, the former's elements being put into the latter, up to and with the pixels, which are left in the
    /// file.
    /// </summary>
    /// <exception cref="InvalidDataException">The structure is damaged.</exception>
    /// <exception cref="NotSupportedException">The data set isn't written in little endian, or it is compressed as a whole.</exception>
    public DicomDataSet ReadFile()
    {
        var set = new DicomDataSet();
        var at = ReadElements(set, 132, Length, new Place(0, IsImplicit: false, IsMeta: true));
        var syntax = set.Text(DicomTag.TransferSyntax);
        if (syntax is DicomTransferSyntax.BigEndian or DicomTransferSyntax.Deflated)
        {
            throw new NotSupportedException(
                $"Its transfer syntax {DicomTransferSyntax.Describe(syntax)} isn't supported. Convert it with a DICOM tool (for example dcmconv +te).");
        }

        ReadElements(set, at, Length, new Place(0, syntax == DicomTransferSyntax.ImplicitLittleEndian, IsMeta: false));
        return set;
    }

    /// <summary>Fills the destination from a place in the file.</summary>
    /// <exception cref="InvalidDataException">The place lies outside the file.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var read = offset < 0 ? 0 : _read(destination, offset);
            if (read == 0)
            {
                throw new InvalidDataException("The file ends before the data does; it is cut short.");
            }

            offset += read;
            destination = destination[read..];
        }
    }

    /// <summary>An element's tag, representation and length.</summary>
    /// <param name="at">Where it begins.</param>
    /// <param name="isImplicit">Whether the representation isn't written.</param>
    public (DicomTag Tag, DicomVr Vr, uint Length, int HeaderLength) ReadHeader(long at, bool isImplicit = false)
    {
        var bytes = Peek(at, 8);
        var tag = new DicomTag(((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]));
        if (tag.Group == DicomTag.Item.Group)
        {
            return (tag, DicomVr.None, BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), 8);
        }

        if (isImplicit)
        {
            return (tag, tag.Vr, BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), 8);
        }

        var vr = (DicomVr)BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        if (!vr.IsPlausible())
        {
            throw new InvalidDataException(
                $"The element {tag} has no representation; the file is damaged, or isn't written in explicit little endian. Convert it with a DICOM tool (for example dcmconv +te).");
        }

        return vr.HasLongLength()
            ? (tag, vr, BinaryPrimitives.ReadUInt32LittleEndian(Peek(at, 12)[8..]), 12)
            : (tag, vr, BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]), 8);
    }

    /// <summary>Bytes through a window that moves along, so that reading element by element is quick.</summary>
    private ReadOnlySpan<byte> Peek(long at, int length)
    {
        if (at < _windowStart || at + length > _windowStart + _windowLength)
        {
            if (at < 0 || at + length > Length)
            {
                throw new InvalidDataException("The file ends in the middle of an element; it is cut short or damaged.");
            }

            _windowStart = at;
            _windowLength = (int)Math.Min(_window.Length, Length - at);
            Read(at, _window.AsSpan(0, _windowLength));
        }

        return _window.AsSpan((int)(at - _windowStart), length);
    }

    private byte[] ReadValue(long at, int length)
    {
        if (length <= _window.Length)
        {
            return Peek(at, length).ToArray();
        }

        var value = new byte[length];
        Read(at, value);
        return value;
    }

    /// <summary>Reads elements up to an end or a delimiter; returns the place after them.</summary>
    private long ReadElements(DicomDataSet set, long at, long end, Place place)
    {
        DicomBudget.CheckDepth(place.Depth);

        while (at + 8 <= end)
        {
            if (place.IsMeta && BinaryPrimitives.ReadUInt16LittleEndian(Peek(at, 2)) != DicomTag.TransferSyntax.Group)
            {
                // The data set begins, which may be written otherwise.
                return at;
            }

            var (tag, vr, length, header) = ReadHeader(at, place.IsImplicit);
            if (tag == DicomTag.ItemEnd || tag == DicomTag.SequenceEnd)
            {
                return at + 8;
            }

            if (place.Depth == 0 && StopBefore is { } stop && tag.CompareTo(stop) >= 0)
            {
                return end;
            }

            at += header;
            if (tag == DicomTag.PixelData && place.Depth == 0)
            {
                if (length != DicomElement.UndefinedLength && length > end - at)
                {
                    throw new InvalidDataException("Its pixels reach beyond the end of the file; it is cut short or damaged.");
                }

                Keep(set, DicomElement.InFile(tag, vr, at, length));
                return length == DicomElement.UndefinedLength ? end : at + length;
            }

            if (vr == DicomVr.SQ || (length == DicomElement.UndefinedLength && vr == DicomVr.UN))
            {
                // A sequence of unknown representation is written implicitly (PS3.5 section 6.2.2).
                at = ReadSequence(set, tag, at, length, place with { IsImplicit = place.IsImplicit || vr == DicomVr.UN });
                continue;
            }

            if (length == DicomElement.UndefinedLength && tag == DicomTag.PixelData)
            {
                // An icon's pixels may be compressed as those of the picture are (PS3.5 annex A.4); nobody needs them.
                at = PassFragments(at);
                continue;
            }

            if (length == DicomElement.UndefinedLength || length > end - at)
            {
                throw new InvalidDataException($"The element {tag} reaches beyond the end of the file; it is cut short or damaged.");
            }

            // The lengths of groups tell nothing that matters.
            if (tag.Element != 0)
            {
                Keep(set, length <= LongestKept || (KeepsProfiles && tag == DicomTag.IccProfile && length <= LongestProfile)
                    ? DicomElement.Of(tag, vr, ReadValue(at, (int)length))
                    : DicomElement.InFile(tag, vr, at, length));
            }

            at += length;
        }

        return at;
    }

    private long ReadSequence(DicomDataSet set, DicomTag tag, long at, uint length, Place place)
    {
        var end = length == DicomElement.UndefinedLength ? Length : at + length;
        if (end > Length)
        {
            throw new InvalidDataException($"The sequence {tag} reaches beyond the end of the file; it is cut short or damaged.");
        }

        var items = new List<DicomDataSet>();
        var handOver = place.Depth == 0 ? HandedOver.GetValueOrDefault(tag) : null;
        while (at + 8 <= end)
        {
            var (itemTag, _, itemLength, _) = ReadHeader(at);
            at += 8;
            if (itemTag == DicomTag.SequenceEnd)
            {
                break;
            }

            if (itemTag != DicomTag.Item)
            {
                throw new InvalidDataException($"The sequence {tag} is damaged.");
            }

            var itemEnd = itemLength == DicomElement.UndefinedLength ? end : at + itemLength;
            if (itemEnd > end)
            {
                throw new InvalidDataException($"An item reaches beyond its sequence {tag}; the file is damaged.");
            }

            var before = _budget.Kept;
            var item = new DicomDataSet();
            var after = ReadElements(item, at, itemEnd, place with { Depth = place.Depth + 1, IsMeta = false });
            at = itemLength == DicomElement.UndefinedLength ? after : itemEnd;
            if (handOver is not null)
            {
                handOver(item);
                _budget.Kept = before;
            }
            else
            {
                _budget.Count(0);
                items.Add(item);
            }
        }

        Keep(set, DicomElement.Of(tag, items));
        return at;
    }

    /// <summary>Passes over pixels in fragments; returns the place after them.</summary>
    private long PassFragments(long at)
    {
        while (true)
        {
            var (tag, _, length, header) = ReadHeader(at);
            at += header;
            if (tag == DicomTag.SequenceEnd)
            {
                return at;
            }

            if (tag != DicomTag.Item || length > Length - at)
            {
                throw new InvalidDataException("The pixels of an icon are cut short or damaged.");
            }

            at += length;
        }
    }

    private void Keep(DicomDataSet set, DicomElement element)
    {
        _budget.Count(element.Bytes.Length);
        set.TryAdd(element);
    }

    private readonly record struct Place(int Depth, bool IsImplicit, bool IsMeta);
}
