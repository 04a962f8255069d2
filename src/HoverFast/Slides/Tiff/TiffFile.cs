using System.Buffers.Binary;
using HoverFast.Files;
using Microsoft.Win32.SafeHandles;

namespace HoverFast.Slides.Tiff;

/// <summary>
/// The structure of a TIFF file, classic or BigTIFF, either byte order: directories and raw bytes. Reads are thread safe. Nothing is
/// allocated that the file's length can't justify.
/// </summary>
internal sealed class TiffFile : IDisposable
{
    private const int MostDirectories = 4096;
    private const int MostEntries = 4096;

    /// <summary>How many times the file's length directories and their values may take: real ones don't overlap, but are read more than once.</summary>
    private const long MostReadings = 16;
    private const long AnyReadings = 16 << 20;

    private readonly SafeFileHandle _handle;
    private readonly bool _bigEndian;
    private long _structureRead;

    private TiffFile(string path, SafeFileHandle handle, bool bigEndian, bool isBig, long first)
    {
        Path = path;
        _handle = handle;
        _bigEndian = bigEndian;
        IsBig = isBig;
        Length = RandomAccess.GetLength(handle);
        Directories = ReadChain(first);
    }

    /// <summary>The file as it was given.</summary>
    public string Path { get; }

    /// <summary>Whether offsets have 64 bits.</summary>
    public bool IsBig { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>The main chain of directories (pages), at least one.</summary>
    public IReadOnlyList<TiffDirectory> Directories { get; }

    /// <summary>Whether the chain ends in a directory that is damaged.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>Whether the first bytes of a file are those of a TIFF.</summary>
    public static bool IsTiff(ReadOnlySpan<byte> start) =>
        start.StartsWith("II*\0"u8) || start.StartsWith("MM\0*"u8) || start.StartsWith("II+\0"u8) || start.StartsWith("MM\0+"u8);

    /// <summary>Opens a file and reads its directories.</summary>
    /// <exception cref="SlideException">The structure is damaged.</exception>
    public static TiffFile Open(string path)
    {
        var handle = RegularFile.OpenHandle(path, FileOptions.RandomAccess);
        try
        {
            Span<byte> header = stackalloc byte[16];
            var read = RandomAccess.Read(handle, header, 0);
            if (read < 8 || !IsTiff(header))
            {
                throw new SlideException(path, "is no TIFF file.");
            }

            var bigEndian = header[0] == (byte)'M';
            var isBig = header[bigEndian ? 3 : 2] == 43;
            if (isBig && read < 16)
            {
                throw new SlideException(path, "the TIFF file is cut short.");
            }

            var first = (isBig, bigEndian) switch
            {
                (true, true) => BinaryPrimitives.ReadUInt64BigEndian(header[8..]),
                (true, false) => BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
                (false, true) => BinaryPrimitives.ReadUInt32BigEndian(header[4..]),
                _ => BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
            };
            return new TiffFile(path, handle, bigEndian, isBig, (long)Math.Min(first, long.MaxValue));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads one directory, for example of a SubIFD.</summary>
    public TiffDirectory ReadDirectory(long offset) => ReadDirectory(offset, out _);

    /// <summary>Fills the whole destination from a place in the file.</summary>
    /// <exception cref="InvalidDataException">The place lies outside the file.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (!Holds(offset, destination.Length))
        {
            throw new InvalidDataException("The data lies outside the file; it is cut short or damaged.");
        }

        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(_handle, destination, offset);
            if (read == 0)
            {
                throw new InvalidDataException("The file ends before the data does; it is cut short.");
            }

            offset += read;
            destination = destination[read..];
        }
    }

    /// <summary>As <see cref="Read(long, Span{byte})"/>, for directories and their values, which may lie over each other in a file made to hurt.</summary>
    /// <exception cref="InvalidDataException">The place lies outside the file, or far more was asked for than the file can hold.</exception>
    public void ReadStructure(long offset, Span<byte> destination)
    {
        if (Interlocked.Add(ref _structureRead, destination.Length) - AnyReadings > Length * MostReadings)
        {
            throw new InvalidDataException("Its directories hold far more than the file has bytes.");
        }

        Read(offset, destination);
    }

    /// <summary>Whether the file holds so many bytes at a place.</summary>
    public bool Holds(long offset, long length) => offset >= 0 && length >= 0 && offset <= Length && length <= Length - offset;

    public ushort ToUInt16(ReadOnlySpan<byte> bytes) =>
        _bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    public uint ToUInt32(ReadOnlySpan<byte> bytes) => _bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    public ulong ToUInt64(ReadOnlySpan<byte> bytes) =>
        _bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    /// <summary>Whether 16-bit samples need their bytes swapped on this machine.</summary>
    public bool SwapsSamples => _bigEndian == BitConverter.IsLittleEndian;

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private List<TiffDirectory> ReadChain(long first)
    {
        var directories = new List<TiffDirectory>();
        var seen = new HashSet<long>();
        for (var at = first; at != 0 && seen.Add(at) && directories.Count < MostDirectories;)
        {
            try
            {
                directories.Add(ReadDirectory(at, out at));
            }
            catch (InvalidDataException) when (directories.Count > 0)
            {
                // Some writers leave rubbish in the last pointer; the pages before it are whole.
                IsCutOff = true;
                break;
            }
            catch (InvalidDataException e)
            {
                throw new SlideException(Path, $"the TIFF directory of page {directories.Count + 1} is damaged or cut off: {e.Message}", e);
            }
        }

        return directories.Count > 0 ? directories : throw new SlideException(Path, "the TIFF file holds no picture.");
    }

    private TiffDirectory ReadDirectory(long offset, out long next)
    {
        Span<byte> number = stackalloc byte[8];
        var countLength = IsBig ? 8 : 2;
        var entryLength = IsBig ? 20 : 12;
        var pointerLength = IsBig ? 8 : 4;
        Read(offset, number[..countLength]);
        var count = IsBig ? ToUInt64(number) : ToUInt16(number);
        if (count is 0 or > MostEntries)
        {
            throw new InvalidDataException($"It would have {count} entries.");
        }

        if (!Holds(offset + countLength, (long)count * entryLength))
        {
            throw new InvalidDataException("It reaches beyond the end of the file.");
        }

        var table = new byte[((int)count * entryLength) + pointerLength];

        // Some writers leave the last pointer out at the end of the file.
        var whole = Holds(offset + countLength, table.Length) ? table.Length : table.Length - pointerLength;
        ReadStructure(offset + countLength, table.AsSpan(0, whole));
        var entries = new Dictionary<ushort, TiffEntry>();
        for (var i = 0; i < (int)count; i++)
        {
            var entry = table.AsSpan(i * entryLength, entryLength);
            var values = IsBig ? ToUInt64(entry[4..]) : ToUInt32(entry[4..]);
            entries[ToUInt16(entry)] = new TiffEntry(
                ToUInt16(entry[2..]),
                (long)Math.Min(values, long.MaxValue),
                table.AsMemory((i * entryLength) + (IsBig ? 12 : 8), pointerLength));
        }

        var tail = table.AsSpan(table.Length - pointerLength);
        next = (long)Math.Min(IsBig ? ToUInt64(tail) : ToUInt32(tail), long.MaxValue);
        return new TiffDirectory(this, entries);
    }
}
