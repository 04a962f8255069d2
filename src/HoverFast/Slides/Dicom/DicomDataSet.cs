using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.Text;

namespace HoverFast.Slides.Dicom;

/// <summary>
/// A data set (PS3.5 section 7): elements in the order of their tags, read from a file or from DICOM JSON, or made to be written. Values are reached by tag;
/// what is missing is empty. Setting a value takes the representation that the tag has by the standard.
/// </summary>
internal sealed class DicomDataSet : IEnumerable<DicomElement>
{
    private static readonly UTF8Encoding _strict = new(false, throwOnInvalidBytes: true);
    private readonly SortedList<uint, DicomElement> _elements = [];

    /// <summary>How many elements there are, those of sequences not counted.</summary>
    public int Count => _elements.Count;

    /// <summary>An element, or null.</summary>
    public DicomElement? this[DicomTag tag] => _elements.GetValueOrDefault(tag.Number);

    /// <summary>Whether there is such an element, even an empty one.</summary>
    public bool Has(DicomTag tag) => _elements.ContainsKey(tag.Number);

    /// <summary>A text as a whole (several values are parted by a backslash) without padding; or empty.</summary>
    public string Text(DicomTag tag)
    {
        if (this[tag] is not { } element)
        {
            return string.Empty;
        }

        var bytes = element.Bytes.Span;
        try
        {
            return _strict.GetString(bytes).Trim('\0', ' ');
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes).Trim('\0', ' ');
        }
    }

    /// <summary>The values of a text, each without padding; none where it is missing.</summary>
    public string[] Texts(DicomTag tag) => Text(tag) is { Length: > 0 } text ? [.. text.Split('\\').Select(t => t.Trim('\0', ' '))] : [];

    /// <summary>The first value as a whole number, whether binary or in digits; null where there is none.</summary>
    public long? Integer(DicomTag tag)
    {
        if (this[tag] is not { } element)
        {
            return null;
        }

        var bytes = element.Bytes.Span;
        if (element.Vr.IsText())
        {
            return Texts(tag) is [var first, ..] && long.TryParse(first, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var digits)
                ? digits
                : null;
        }

        return element.Vr switch
        {
            DicomVr.US or DicomVr.OW when bytes.Length >= 2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            DicomVr.SS when bytes.Length >= 2 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            DicomVr.UL or DicomVr.OL when bytes.Length >= 4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            DicomVr.SL when bytes.Length >= 4 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            DicomVr.UV or DicomVr.SV or DicomVr.OV when bytes.Length >= 8 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            _ => null,
        };
    }

    /// <summary>All values as numbers, whether binary or in digits; none where the element is missing or one of them is no finite number.</summary>
    public double[] Numbers(DicomTag tag) => StoredNumbers(tag) is var numbers && Array.TrueForAll(numbers, double.IsFinite) ? numbers : [];

    private double[] StoredNumbers(DicomTag tag)
    {
        if (this[tag] is not { } element)
        {
            return [];
        }

        if (element.Vr.IsText())
        {
            var texts = Texts(tag);
            var numbers = new double[texts.Length];
            for (var i = 0; i < texts.Length; i++)
            {
                if (!double.TryParse(texts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
                {
                    return [];
                }
            }

            return numbers;
        }

        var size = element.Vr.NumberLength();
        if (size == 0)
        {
            return [];
        }

        var values = new double[element.Bytes.Length / size];
        for (var i = 0; i < values.Length; i++)
        {
            var bytes = element.Bytes.Span.Slice(i * size, size);
            values[i] = element.Vr switch
            {
                DicomVr.US or DicomVr.OW => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
                DicomVr.SS => BinaryPrimitives.ReadInt16LittleEndian(bytes),
                DicomVr.UL or DicomVr.OL or DicomVr.AT => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
                DicomVr.SL => BinaryPrimitives.ReadInt32LittleEndian(bytes),
                DicomVr.FL or DicomVr.OF => BinaryPrimitives.ReadSingleLittleEndian(bytes),
                DicomVr.FD or DicomVr.OD => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
                DicomVr.SV => BinaryPrimitives.ReadInt64LittleEndian(bytes),
                _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            };
        }

        return values;
    }

    /// <summary>The data sets of a sequence; none where it is missing.</summary>
    public IReadOnlyList<DicomDataSet> Items(DicomTag tag) => this[tag]?.Items ?? [];

    /// <summary>The first data set of a sequence, or null.</summary>
    public DicomDataSet? FirstItem(DicomTag tag) => Items(tag) is [var first, ..] ? first : null;

    /// <summary>Adds an element unless its tag is there already: the first counts.</summary>
    public bool TryAdd(DicomElement element)
    {
        ArgumentNullException.ThrowIfNull(element);
        return _elements.TryAdd(element.Tag.Number, element);
    }

    /// <summary>Sets an element.</summary>
    public void Set(DicomElement element)
    {
        ArgumentNullException.ThrowIfNull(element);
        _elements[element.Tag.Number] = element;
    }

    /// <summary>Sets bytes.</summary>
    public void Set(DicomTag tag, ReadOnlyMemory<byte> bytes) => Set(DicomElement.Of(tag, tag.Vr, bytes));

    /// <summary>
    /// Sets a text of any number of values. Other letters than those of ASCII are written as UTF-8: the outermost data set must then state the character set
    /// ISO_IR 192.
    /// </summary>
    public void Set(DicomTag tag, params ReadOnlySpan<string> values)
    {
        if (!tag.Vr.IsText())
        {
            throw new ArgumentException($"{tag} is no text but {tag.Vr}.", nameof(tag));
        }

        Set(tag, Encoding.UTF8.GetBytes(string.Join('\\', values)));
    }

    /// <summary>Sets whole numbers, binary or in digits.</summary>
    public void Set(DicomTag tag, params ReadOnlySpan<long> values)
    {
        if (tag.Vr == DicomVr.IS)
        {
            Set(tag, Joined(values, static v => v.ToString(CultureInfo.InvariantCulture)));
            return;
        }

        var size = tag.Vr.NumberLength();
        var bytes = new byte[values.Length * size];
        for (var i = 0; i < values.Length; i++)
        {
            var place = bytes.AsSpan(i * size, size);
            switch (tag.Vr)
            {
                case DicomVr.US:
                    BinaryPrimitives.WriteUInt16LittleEndian(place, checked((ushort)values[i]));
                    break;
                case DicomVr.SS:
                    BinaryPrimitives.WriteInt16LittleEndian(place, checked((short)values[i]));
                    break;
                case DicomVr.UL or DicomVr.OL:
                    BinaryPrimitives.WriteUInt32LittleEndian(place, checked((uint)values[i]));
                    break;
                case DicomVr.SL:
                    BinaryPrimitives.WriteInt32LittleEndian(place, checked((int)values[i]));
                    break;
                case DicomVr.UV or DicomVr.SV or DicomVr.OV:
                    BinaryPrimitives.WriteInt64LittleEndian(place, values[i]);
                    break;
                default:
                    throw new ArgumentException($"{tag} is no whole number but {tag.Vr}.", nameof(tag));
            }
        }

        Set(tag, bytes);
    }

    /// <summary>Sets numbers, binary or in decimal digits (at most 16 characters each, as the standard has it).</summary>
    public void Set(DicomTag tag, params ReadOnlySpan<double> values)
    {
        if (tag.Vr == DicomVr.DS)
        {
            Set(tag, Joined(values, Decimal));
            return;
        }

        var size = tag.Vr.NumberLength();
        var bytes = new byte[values.Length * size];
        for (var i = 0; i < values.Length; i++)
        {
            var place = bytes.AsSpan(i * size, size);
            switch (tag.Vr)
            {
                case DicomVr.FL or DicomVr.OF:
                    BinaryPrimitives.WriteSingleLittleEndian(place, (float)values[i]);
                    break;
                case DicomVr.FD or DicomVr.OD:
                    BinaryPrimitives.WriteDoubleLittleEndian(place, values[i]);
                    break;
                default:
                    throw new ArgumentException($"{tag} is no number of decimals but {tag.Vr}.", nameof(tag));
            }
        }

        Set(tag, bytes);
    }

    /// <summary>Sets a sequence.</summary>
    public void Set(DicomTag tag, params IReadOnlyList<DicomDataSet> items) => Set(DicomElement.Of(tag, items));

    /// <summary>Sets those elements of another data set that it has.</summary>
    public void CopyFrom(DicomDataSet other, params ReadOnlySpan<DicomTag> tags)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var tag in tags)
        {
            if (other[tag] is { } element)
            {
                Set(element);
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerator<DicomElement> GetEnumerator() => _elements.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string Joined<T>(ReadOnlySpan<T> values, Func<T, string> format)
    {
        var texts = new string[values.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = format(values[i]);
        }

        return string.Join('\\', texts);
    }

    /// <summary>A number in as many digits as fit.</summary>
    private static string Decimal(double value)
    {
        const int Longest = 16;
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        for (var digits = 15; text.Length > Longest; digits--)
        {
            text = value.ToString($"G{digits}", CultureInfo.InvariantCulture);
        }

        return text;
    }
}
