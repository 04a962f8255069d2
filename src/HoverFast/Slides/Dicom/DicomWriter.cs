using System.Buffers.Binary;

namespace HoverFast.Slides.Dicom;

/// <summary>Writes data sets as DICOM files (PS3.10) in explicit little endian. Values that are made while they are written need no memory.</summary>
internal static class DicomWriter
{
    /// <summary>Names this program as the writer (PS3.10 section 7.1): derived from a UUID.</summary>
    private const string Implementation = "2.25.308101463790998159812368193819411065862";
    private const string ImplementationName = "HOVERFAST_NET";

    /// <summary>Writes a file: preamble, meta information, data set.</summary>
    /// <param name="stream">Takes the file.</param>
    /// <param name="set">The data set; states its SOP class and instance.</param>
    public static void WriteFile(Stream stream, DicomDataSet set)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(set);
        stream.Write(new byte[128]);
        stream.Write("DICM"u8);
        var meta = new DicomDataSet();
        meta.Set(DicomTag.MetaVersion, new byte[] { 0, 1 });
        meta.Set(DicomTag.MediaStorageSopClass, set.Text(DicomTag.SopClass));
        meta.Set(DicomTag.MediaStorageSopInstance, set.Text(DicomTag.SopInstance));
        meta.Set(DicomTag.TransferSyntax, DicomTransferSyntax.ExplicitLittleEndian);
        meta.Set(DicomTag.ImplementationClass, Implementation);
        meta.Set(DicomTag.ImplementationVersion, ImplementationName);
        meta.Set(DicomTag.MetaLength, LengthOf(meta));
        Write(stream, meta);
        foreach (var element in set.Where(e => e.Tag.Group > DicomTag.MetaLength.Group))
        {
            // Meta information of a file that the set was read from isn't this file's.
            Write(stream, element);
        }
    }

    /// <summary>Writes the elements of a data set.</summary>
    public static void Write(Stream stream, DicomDataSet set)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(set);
        foreach (var element in set)
        {
            Write(stream, element);
        }
    }

    /// <summary>Bytes that <see cref="Write(Stream, DicomDataSet)"/> writes.</summary>
    public static long LengthOf(DicomDataSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return set.Sum(LengthOf);
    }

    private static long LengthOf(DicomElement element) =>
        (element.Vr.HasLongLength() ? 12 : 8) + (element.Items is { } items ? Ended(LengthOf(items)) : element.Length);

    private static long LengthOf(IReadOnlyList<DicomDataSet> items) => items.Sum(i => 8 + Ended(LengthOf(i)));

    /// <summary>Lengths of 4 GiB and more can't be written: a delimiter of 8 bytes ends those values.</summary>
    private static long Ended(long length) => IsUndefined(length) ? length + 8 : length;

    private static bool IsUndefined(long length) => length >= DicomElement.UndefinedLength;

    private static void Write(Stream stream, DicomElement element)
    {
        if (element.Items is { } items)
        {
            WriteSequence(stream, element.Tag, items);
            return;
        }

        if (element.Offset is not null)
        {
            throw new InvalidOperationException($"The value of {element.Tag} lies in another file.");
        }

        WriteHeader(stream, element.Tag, element.Vr, element.Length);
        if (element.Write is { } write)
        {
            var counted = new CountingStream(stream);
            write(counted);
            if (counted.Written != element.Length)
            {
                throw new InvalidOperationException($"The value of {element.Tag} takes {counted.Written} bytes, not the {element.Length} that were announced.");
            }

            return;
        }

        stream.Write(element.Bytes.Span);
    }

    private static void WriteSequence(Stream stream, DicomTag tag, IReadOnlyList<DicomDataSet> items)
    {
        var length = LengthOf(items);
        WriteHeader(stream, tag, DicomVr.SQ, Stated(length));
        foreach (var item in items)
        {
            var itemLength = LengthOf(item);
            WriteHeader(stream, DicomTag.Item, DicomVr.None, Stated(itemLength));
            Write(stream, item);
            if (IsUndefined(itemLength))
            {
                WriteHeader(stream, DicomTag.ItemEnd, DicomVr.None, 0);
            }
        }

        if (IsUndefined(length))
        {
            WriteHeader(stream, DicomTag.SequenceEnd, DicomVr.None, 0);
        }
    }

    private static long Stated(long length) => Math.Min(length, DicomElement.UndefinedLength);

    private static void WriteHeader(Stream stream, DicomTag tag, DicomVr vr, long length)
    {
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(header, tag.Group);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], tag.Element);
        if (vr == DicomVr.None)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)length);
            stream.Write(header[..8]);
            return;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], (ushort)vr);
        if (vr.HasLongLength())
        {
            BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 0);
            BinaryPrimitives.WriteUInt32LittleEndian(header[8..], (uint)length);
            stream.Write(header);
            return;
        }

        if (length > ushort.MaxValue)
        {
            throw new InvalidOperationException($"The value of {tag} has {length} bytes, more than {vr} can have.");
        }

        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)length);
        stream.Write(header[..8]);
    }

    /// <summary>Counts what is written through it.</summary>
    private sealed class CountingStream(Stream inner) : Stream
    {
        public long Written { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            inner.Write(buffer);
            Written += buffer.Length;
        }
    }
}
