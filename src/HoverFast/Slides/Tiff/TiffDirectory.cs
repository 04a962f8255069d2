using System.Text;
using System.Text.Unicode;

namespace HoverFast.Slides.Tiff;

/// <summary>A TIFF directory: the tags of one page. Values are fetched when asked for.</summary>
internal sealed class TiffDirectory(TiffFile file, IReadOnlyDictionary<ushort, TiffEntry> entries)
{
    private const int LongestText = 64 << 20;
    private const long LargestValue = 1L << 30;

    /// <summary>Whether the tag is there.</summary>
    public bool Has(ushort tag) => entries.ContainsKey(tag);

    /// <summary>The first value of a tag, or the fallback where the tag is missing.</summary>
    /// <exception cref="InvalidDataException">The tag is damaged.</exception>
    public long Number(ushort tag, long fallback)
    {
        if (!entries.TryGetValue(tag, out var entry))
        {
            return fallback;
        }

        var values = Numbers(tag, 1);
        return entry.Count == 0 ? fallback : values[0];
    }

    /// <summary>A tag's values (or the first few), empty where it is missing.</summary>
    /// <exception cref="InvalidDataException">The tag is damaged.</exception>
    public long[] Numbers(ushort tag, int atMost = int.MaxValue)
    {
        if (!entries.TryGetValue(tag, out var entry))
        {
            return [];
        }

        var size = SizeOf(entry.Type);
        if (entry.Type is not (1 or 3 or 4 or 6 or 7 or 8 or 9 or 13 or 16 or 17 or 18))
        {
            throw new InvalidDataException($"Tag {tag} isn't stored as whole numbers.");
        }

        var bytes = Bytes(tag, entry, Math.Min(entry.Count, atMost));
        var values = new long[bytes.Length / size];
        for (var i = 0; i < values.Length; i++)
        {
            var at = bytes.AsSpan(i * size, size);
            values[i] = size switch
            {
                1 => at[0],
                2 => file.ToUInt16(at),
                4 => file.ToUInt32(at),
                _ => (long)Math.Min(file.ToUInt64(at), long.MaxValue),
            };
        }

        return values;
    }

    /// <summary>A text, or empty.</summary>
    public string Text(ushort tag)
    {
        if (!entries.TryGetValue(tag, out var entry) || entry.Type is not (1 or 2 or 6 or 7))
        {
            return string.Empty;
        }

        var bytes = Bytes(tag, entry, Math.Min(entry.Count, LongestText));
        return (Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes).TrimEnd('\0');
    }

    /// <summary>A fraction (or a floating-point value); null where it is missing or has the denominator 0.</summary>
    public double? Fraction(ushort tag)
    {
        if (!entries.TryGetValue(tag, out var entry) || entry.Count < 1 || entry.Type is not (5 or 10 or 11 or 12))
        {
            return null;
        }

        var bytes = Bytes(tag, entry, 1);
        switch (entry.Type)
        {
            case 11:
                return BitConverter.UInt32BitsToSingle(file.ToUInt32(bytes));
            case 12:
                return BitConverter.UInt64BitsToDouble(file.ToUInt64(bytes));
            default:
                var denominator = file.ToUInt32(bytes.AsSpan(4));
                return denominator == 0 ? null : (double)file.ToUInt32(bytes) / denominator;
        }
    }

    /// <summary>The raw bytes of a tag (or the first of them), or empty.</summary>
    public byte[] Raw(ushort tag, int atMost = int.MaxValue) => entries.TryGetValue(tag, out var entry) ? Bytes(tag, entry, Math.Min(entry.Count, atMost)) : [];

    private static int SizeOf(ushort type) => type switch
    {
        1 or 2 or 6 or 7 => 1,
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 or 16 or 17 or 18 => 8,
        _ => throw new InvalidDataException($"A value has the unknown type {type}."),
    };

    private byte[] Bytes(ushort tag, TiffEntry entry, long count)
    {
        var size = SizeOf(entry.Type);
        if (entry.Count > file.Length / size)
        {
            throw new InvalidDataException($"Tag {tag} would have {entry.Count} values, more than the file can hold.");
        }

        if (count * size > LargestValue)
        {
            throw new InvalidDataException($"Tag {tag} holds {count} values, more than any slide needs.");
        }

        var bytes = new byte[count * size];
        if (entry.Count * size <= entry.Slot.Length)
        {
            entry.Slot.Span[..bytes.Length].CopyTo(bytes);
            return bytes;
        }

        var offset = entry.Slot.Length == 8 ? (long)Math.Min(file.ToUInt64(entry.Slot.Span), long.MaxValue) : file.ToUInt32(entry.Slot.Span);
        if (!file.Holds(offset, bytes.Length))
        {
            throw new InvalidDataException($"The values of tag {tag} lie outside the file.");
        }

        file.ReadStructure(offset, bytes);
        return bytes;
    }
}
