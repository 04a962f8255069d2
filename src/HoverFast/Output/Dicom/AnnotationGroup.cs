using System.Buffers;
using System.Buffers.Binary;
using HoverFast.Files;
using HoverFast.Nuclei;
using HoverFast.Slides;
using HoverFast.Slides.Dicom;

namespace HoverFast.Output.Dicom;

/// <summary>
/// The nuclei of one type on their way into an annotation group. They wait in two files beside the result, points in one and a row for each nucleus (where its
/// points begin, its measurements) in the other, since the standard wants each kind of value in one piece: memory does not grow with the count.
/// </summary>
internal sealed class AnnotationGroup : IDisposable
{
    /// <summary>Pixels up to which 32-bit numbers hold a hundredth: above, half a step of theirs is more than half a hundredth.</summary>
    public const int MostForSingle = 1 << 17;

    private readonly string _slide;
    private readonly bool _double;
    private readonly PartialFile _points;
    private readonly PartialFile _rows;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly long[] _known;
    private long _numbers;

    /// <summary>Starts a group.</summary>
    /// <param name="path">The result's file; what waits lies beside it.</param>
    /// <param name="index">Which group, for the files' names.</param>
    /// <param name="slide">The slide.</param>
    /// <param name="measurements">How many measurements each nucleus brings.</param>
    public AnnotationGroup(string path, int index, AnnotatedSlide slide, int measurements)
    {
        _slide = slide.Path;
        _double = Math.Max(slide.Size.Width, slide.Size.Height) > MostForSingle;
        _known = new long[measurements];
        _points = new PartialFile(PointsOf(path, index));
        try
        {
            _rows = new PartialFile(RowsOf(path, index));
        }
        catch
        {
            _points.Dispose();
            throw;
        }
    }

    /// <summary>Bytes that the points may take: what the length of an element can state.</summary>
    public long MostBytes { get; init; } = DicomElement.UndefinedLength - 1L;

    /// <summary>Nuclei so far.</summary>
    public long Count { get; private set; }

    private int NumberBytes => _double ? sizeof(double) : sizeof(float);

    private int RowBytes => sizeof(uint) + (_known.Length * sizeof(float));

    /// <summary>The files in which nuclei wait, by the names that whole ones would have.</summary>
    /// <param name="path">The result's file.</param>
    /// <param name="last">The last group, from 0.</param>
    public static IEnumerable<string> FilesOf(string path, int last) =>
        Enumerable.Range(0, last + 1).SelectMany(index => (string[])[PointsOf(path, index), RowsOf(path, index)]);

    /// <summary>Adds a nucleus.</summary>
    /// <exception cref="SlideException">The group would become too large for its file format.</exception>
    public void Add(in SegmentedNucleus nucleus)
    {
        var numbers = 2L * nucleus.Outline.Length;
        if ((_numbers + numbers) * NumberBytes > MostBytes)
        {
            throw new SlideException(
                _slide,
                $"has outlines of more than {_numbers / 2:N0} points in one group, and DICOM annotations hold 4 GB in one piece. Simplify the outlines, segment a region, or write them as GeoJSON or Parquet.");
        }

        _buffer.ResetWrittenCount();
        foreach (var point in nucleus.Outline)
        {
            Put((double)point.X / OutlinePoint.PerPixel);
            Put((double)point.Y / OutlinePoint.PerPixel);
        }

        _points.Stream.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(sizeof(uint)), (uint)(_numbers + 1));
        _buffer.Advance(sizeof(uint));
        for (var i = 0; i < _known.Length; i++)
        {
            var value = nucleus.Measurements[i];
            _known[i] += float.IsFinite(value) ? 1 : 0;
            BinaryPrimitives.WriteSingleLittleEndian(_buffer.GetSpan(sizeof(float)), value);
            _buffer.Advance(sizeof(float));
        }

        _rows.Stream.Write(_buffer.WrittenSpan);
        _numbers += numbers;
        Count++;
    }

    /// <summary>Adds what the group consists of to its data set. The values are copied from the waiting files when the data set is written.</summary>
    /// <param name="set">Takes the elements.</param>
    /// <param name="codes">What the measurements are.</param>
    public void AddTo(DicomDataSet set, IReadOnlyList<MeasurementCode> codes)
    {
        set.Set(DicomTag.GraphicType, "POLYGON");
        set.Set(DicomTag.NumberOfAnnotations, Count);
        var coordinates = _double ? DicomTag.DoublePointCoordinates : DicomTag.PointCoordinates;
        set.Set(DicomElement.Made(coordinates, coordinates.Vr, _numbers * NumberBytes, CopyPoints));

        // Counted in numbers, not in points, from 1: as other programs write and read it.
        set.Set(DicomElement.Made(DicomTag.PointIndices, DicomTag.PointIndices.Vr, Count * sizeof(uint), to => CopyColumn(0, null, to)));
        var measurements = new List<DicomDataSet>();
        for (var i = 0; i < codes.Count; i++)
        {
            // A measurement that is known of no nucleus says nothing.
            if (_known[i] > 0)
            {
                measurements.Add(Measurement(i, codes[i]));
            }
        }

        if (measurements.Count > 0)
        {
            set.Set(DicomTag.Measurements, [.. measurements]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _points.Dispose();
        _rows.Dispose();
    }

    private static string PointsOf(string path, int index) => $"{path}.points-{index}";

    private static string RowsOf(string path, int index) => $"{path}.rows-{index}";

    private DicomDataSet Measurement(int index, MeasurementCode code)
    {
        var values = new DicomDataSet();
        var all = _known[index] == Count;
        var column = sizeof(uint) + (index * sizeof(float));
        values.Set(
            DicomElement.Made(DicomTag.FloatingPointValues, DicomTag.FloatingPointValues.Vr, _known[index] * sizeof(float), to =>
                CopyColumn(column, all ? null : column, to)));
        if (!all)
        {
            values.Set(
                DicomElement.Made(DicomTag.AnnotationIndices, DicomTag.AnnotationIndices.Vr, _known[index] * sizeof(uint), to => CopyIndices(column, to)));
        }

        var set = new DicomDataSet();
        set.Set(DicomTag.ConceptName, [code.Concept.ToDataSet()]);
        set.Set(DicomTag.MeasurementUnits, [code.Unit.ToDataSet()]);
        set.Set(DicomTag.MeasurementValues, [values]);
        return set;
    }

    private void Put(double pixels)
    {
        var place = _buffer.GetSpan(NumberBytes);
        if (_double)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(place, pixels);
        }
        else
        {
            BinaryPrimitives.WriteSingleLittleEndian(place, (float)pixels);
        }

        _buffer.Advance(NumberBytes);
    }

    private void CopyPoints(Stream to)
    {
        _points.Stream.Position = 0;
        _points.Stream.CopyTo(to, 1 << 20);
    }

    /// <summary>Copies four bytes of each row, or of those rows only in which a measurement is known.</summary>
    private void CopyColumn(int column, int? known, Stream to) => ForRows(to, (row, _, place) =>
    {
        if (known is { } at && !float.IsFinite(BinaryPrimitives.ReadSingleLittleEndian(row[at..])))
        {
            return false;
        }

        row.Slice(column, sizeof(uint)).CopyTo(place);
        return true;
    });

    /// <summary>Copies the numbers, from 1, of the nuclei of which a measurement is known.</summary>
    private void CopyIndices(int column, Stream to) => ForRows(to, (row, number, place) =>
    {
        BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)number);
        return float.IsFinite(BinaryPrimitives.ReadSingleLittleEndian(row[column..]));
    });

    private void ForRows(Stream to, RowCopy copy)
    {
        const int RowsAtOnce = 8192;
        var rows = new byte[RowsAtOnce * RowBytes];
        var copied = new byte[RowsAtOnce * sizeof(uint)];
        _rows.Stream.Position = 0;
        for (long done = 0; done < Count;)
        {
            var some = (int)Math.Min(RowsAtOnce, Count - done);
            _rows.Stream.ReadExactly(rows.AsSpan(0, some * RowBytes));
            var length = 0;
            for (var i = 0; i < some; i++)
            {
                if (copy(rows.AsSpan(i * RowBytes, RowBytes), ++done, copied.AsSpan(length, sizeof(uint))))
                {
                    length += sizeof(uint);
                }
            }

            to.Write(copied.AsSpan(0, length));
        }
    }

    /// <summary>Makes four bytes of a row, and says whether they count.</summary>
    private delegate bool RowCopy(ReadOnlySpan<byte> row, long number, Span<byte> place);
}
