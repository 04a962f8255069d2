using System.Buffers.Binary;
using System.Text;

namespace HoverFast.Model.Checkpoints;

/// <summary>
/// The directory of a zip file whose entries are not compressed, which is how PyTorch writes checkpoints (APPNOTE.TXT of the
/// format, with 64-bit extensions). Compressed entries are refused when they are asked for: an entry can't be larger than the file.
/// </summary>
internal sealed class StoredZip
{
    private const uint EndOfDirectory = 0x06054b50;
    private const uint Locator64 = 0x07064b50;
    private const uint End64 = 0x06064b50;
    private const uint DirectoryEntry = 0x02014b50;
    private const uint LocalEntry = 0x04034b50;
    private const long LargestDirectory = 64 << 20;

    private readonly CheckpointFile _file;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public StoredZip(CheckpointFile file)
    {
        _file = file;
        var (offset, length, count) = FindDirectory();
        if (length > LargestDirectory)
        {
            throw file.Error("has a larger list of contents than any checkpoint");
        }

        var directory = file.Read(offset, length).AsSpan();
        for (ulong i = 0; i < count; i++)
        {
            if (directory.Length < 46 || BinaryPrimitives.ReadUInt32LittleEndian(directory) != DirectoryEntry)
            {
                throw file.Error("has a damaged list of contents; get the file again");
            }

            var method = U16(directory, 10);
            var checksum = U32(directory, 16);
            ulong stored = U32(directory, 20), size = U32(directory, 24), local = U32(directory, 42);
            int nameLength = U16(directory, 28), extraLength = U16(directory, 30), commentLength = U16(directory, 32);
            if (directory.Length < 46 + nameLength + extraLength + commentLength)
            {
                throw file.Error("has a damaged list of contents; get the file again");
            }

            var name = Encoding.UTF8.GetString(directory.Slice(46, nameLength));
            ReadExtension(directory.Slice(46 + nameLength, extraLength), ref size, ref stored, ref local);
            _entries[name] = new Entry(method, checksum, stored, size, local);
            directory = directory[(46 + nameLength + extraLength + commentLength)..];
        }
    }

    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Where an entry's bytes lie in the file.</summary>
    public (long Offset, long Length, uint Checksum) Find(string name)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            throw _file.Error($"has no part {name}, which its contents refer to; the file is damaged");
        }

        if (entry.Method != 0 || entry.Stored != entry.Size)
        {
            throw _file.Error($"part {name} is compressed, which PyTorch never does; unpack the file and save it again with torch.save");
        }

        if (entry.Local > (ulong)_file.Length)
        {
            throw _file.Error($"part {name} lies beyond the end of the file; it is cut off");
        }

        var header = _file.Read((long)entry.Local, 30).AsSpan();
        var start = (long)entry.Local + 30 + U16(header, 26) + U16(header, 28);
        if (U32(header, 0) != LocalEntry || entry.Size > (ulong)Math.Max(0, _file.Length - start))
        {
            throw _file.Error($"part {name} is damaged or lies beyond the end of the file; get the file again");
        }

        return (start, (long)entry.Size, entry.Checksum);
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    // Numbers that don't fit 32 bits are all ones in the entry and stand, in this order, in an extension field of type 1.
    private void ReadExtension(ReadOnlySpan<byte> extra, ref ulong size, ref ulong stored, ref ulong local)
    {
        while (extra.Length >= 4)
        {
            int type = U16(extra, 0), length = U16(extra, 2);
            if (extra.Length < 4 + length)
            {
                throw _file.Error("has a damaged list of contents; get the file again");
            }

            if (type == 1)
            {
                var field = extra.Slice(4, length);
                foreach (var which in (ReadOnlySpan<int>)[0, 1, 2])
                {
                    ref var number = ref which == 0 ? ref size : ref which == 1 ? ref stored : ref local;
                    if (number == uint.MaxValue)
                    {
                        if (field.Length < 8)
                        {
                            throw _file.Error("has a damaged list of contents; get the file again");
                        }

                        number = U64(field, 0);
                        field = field[8..];
                    }
                }
            }

            extra = extra[(4 + length)..];
        }
    }

    private (long Offset, long Length, ulong Count) FindDirectory()
    {
        // The end record is 22 bytes and a comment of at most 65535.
        var tailLength = Math.Min(_file.Length, 22 + 65535);
        var tail = _file.Read(_file.Length - tailLength, tailLength).AsSpan();
        for (var at = tail.Length - 22; at >= 0; at--)
        {
            if (U32(tail, at) != EndOfDirectory)
            {
                continue;
            }

            ulong count = U16(tail, at + 10), length = U32(tail, at + 12), offset = U32(tail, at + 16);
            if (at >= 20 && U32(tail, at - 20) == Locator64)
            {
                var end = U64(tail, at - 20 + 8);
                if (end > long.MaxValue)
                {
                    break;
                }

                var record = _file.Read((long)end, 56).AsSpan();
                if (U32(record, 0) != End64)
                {
                    break;
                }

                (count, length, offset) = (U64(record, 32), U64(record, 40), U64(record, 48));
            }

            if (offset > (ulong)_file.Length || length > (ulong)_file.Length - offset)
            {
                break;
            }

            return ((long)offset, (long)length, count);
        }

        throw _file.Error("begins like a zip file but its list of contents, at the end, is missing; it is cut off, get it again");
    }

    private sealed record Entry(ushort Method, uint Checksum, ulong Stored, ulong Size, ulong Local);
}
