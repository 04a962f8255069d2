using System.Globalization;
using HoverFast.Files;
using HoverFast.Labels;
using HoverFast.Nuclei;
using HoverFast.Slides;
using Parquet;
using Parquet.Schema;

namespace HoverFast.Output;

/// <summary>
/// Writes one row a nucleus as Apache Parquet: identity, centroid in full-resolution pixels from the corner of the slide's bounds and in
/// um, type where the model knows types, the measurements as 32-bit floats (NaN where one can't be told), the outline (GeoParquet 1.1, in
/// full-resolution pixels) and its box. Row groups are written as they fill, so memory does not grow with the slide. The file's metadata
/// tell the pixel size as <c>mpp</c>.
/// </summary>
internal sealed class ParquetOutput : INucleusOutput
{
    /// <summary>The column of types' names.</summary>
    public const string Class = "class";

    // Small groups: nuclei come tile by tile, so a reader that wants a part of the slide passes over most of them.
    private const int RowsInGroup = 16_384;

    private readonly PartialFile _file;
    private readonly ParquetWriter _writer;
    private readonly ParquetSchema _schema;
    private readonly IReadOnlyList<NucleusClass>? _classes;
    private readonly double _um;
    private readonly string[] _ids = new string[RowsInGroup];
    private readonly string[] _types;
    private readonly double[][] _places = Columns<double>(4);
    private readonly float[][] _values;
    private readonly byte[][] _outlines = new byte[RowsInGroup][];
    private readonly double[][] _boxes = Columns<double>(GeoParquet.Sides.Count);
    private readonly int[] _boxLevels = new int[RowsInGroup];
    private (OutlinePoint Least, OutlinePoint Most)? _bounds;
    private int _rows;
    private bool _closed;

    /// <summary>Starts the file.</summary>
    /// <param name="path">Where to; by custom <c>NAME.parquet</c>.</param>
    /// <param name="mpp">Pixel size at full resolution.</param>
    /// <param name="measurements">Names of the measurements that the nuclei bring.</param>
    /// <param name="classes">The types that the model knows, type 1 first; empty where it knows none, and then the column is missing.</param>
    public ParquetOutput(string path, Mpp mpp, IReadOnlyList<MeasurementName> measurements, IReadOnlyList<NucleusClass>? classes = null)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        _classes = classes is { Count: > 0 } ? classes : null;
        _types = _classes is null ? [] : new string[RowsInGroup];
        _um = mpp.MicronsPerPixel;
        _values = Columns<float>(measurements.Count);
        var box = new StructField(GeoParquet.Box, [.. GeoParquet.Sides.Select(side => new DataField<double>(side, nullable: false))]);
        _schema = new ParquetSchema(
        [
            new DataField<string>("id", nullable: false),
            .. new[] { "x_px", "y_px", "x_um", "y_um" }.Select(name => new DataField<double>(name, nullable: false)),
            .. _classes is null ? Array.Empty<Field>() : [new DataField<string>(Class, nullable: false)],
            .. measurements.Select(m => new DataField<float>(m.Column, nullable: false)),
            new DataField<byte[]>(GeoParquet.Geometry, nullable: false),
            box,
        ]);

        // The library makes every group of fields optional: "there" has to be said for each row.
        Array.Fill(_boxLevels, box.MaxDefinitionLevel);
        _file = new PartialFile(path);
        try
        {
            _writer = ParquetWriter
                .CreateAsync(_schema, _file.Stream, new ParquetOptions { CompressionMethod = CompressionMethod.Zstd })
                .GetAwaiter()
                .GetResult();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <inheritdoc/>
    public void Add(in SegmentedNucleus nucleus)
    {
        var centroid = nucleus.Nucleus.Centroid;
        _ids[_rows] = nucleus.Id.ToString();
        _places[0][_rows] = Rounded(centroid.X);
        _places[1][_rows] = Rounded(centroid.Y);
        _places[2][_rows] = Rounded(centroid.X * _um);
        _places[3][_rows] = Rounded(centroid.Y * _um);
        if (_classes is not null)
        {
            _types[_rows] = NucleusClass.NameOf(_classes, nucleus.Nucleus.Type) ?? string.Empty;
        }

        for (var i = 0; i < _values.Length; i++)
        {
            _values[i][_rows] = nucleus.Measurements[i];
        }

        AddOutline(nucleus.Outline);
        if (++_rows == RowsInGroup)
        {
            WriteGroup();
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        if (_rows > 0)
        {
            WriteGroup();
        }

        _writer.CustomMetadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["mpp"] = _um.ToString("R", CultureInfo.InvariantCulture),
            [GeoParquet.Key] = GeoParquet.Metadata(_bounds),
        };
        Close();
        _file.Complete();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Close();
        }
        catch (Exception e) when (PartialFile.IsDiskError(e))
        {
            // The disk is full: an unfinished file is deleted below.
        }

        _file.Dispose();
    }

    private static T[][] Columns<T>(int count) => [.. Enumerable.Range(0, count).Select(_ => new T[RowsInGroup])];

    private static double Rounded(double value) => Math.Round(value, 2, MidpointRounding.AwayFromZero);

    private void AddOutline(ReadOnlySpan<OutlinePoint> outline)
    {
        _outlines[_rows] = OutlineWkb.Write(outline);
        var (least, most) = OutlinePoint.BoxOf(outline);
        _boxes[0][_rows] = (double)least.X / OutlinePoint.PerPixel;
        _boxes[1][_rows] = (double)least.Y / OutlinePoint.PerPixel;
        _boxes[2][_rows] = (double)most.X / OutlinePoint.PerPixel;
        _boxes[3][_rows] = (double)most.Y / OutlinePoint.PerPixel;
        _bounds = _bounds is not var (left, right) ? (least, most) : (OutlinePoint.BoxOf([left, least]).Least, OutlinePoint.BoxOf([right, most]).Most);
    }

    private void Close()
    {
        if (!_closed)
        {
            _closed = true;
            _writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    // The library writes only asynchronously; the stream is a file and the caller the one writer.
    private void WriteGroup()
    {
        WriteGroupAsync().GetAwaiter().GetResult();
        _rows = 0;
    }

    private async Task WriteGroupAsync()
    {
        using var group = _writer.CreateRowGroup();
        var fields = _schema.DataFields;
        var next = 0;
        await group.WriteAsync(fields[next++], new ArraySegment<string>(_ids, 0, _rows));
        foreach (var place in _places)
        {
            await group.WriteAsync<double>(fields[next++], place.AsMemory(0, _rows));
        }

        if (_classes is not null)
        {
            await group.WriteAsync(fields[next++], new ArraySegment<string>(_types, 0, _rows));
        }

        foreach (var values in _values)
        {
            await group.WriteAsync<float>(fields[next++], values.AsMemory(0, _rows));
        }

        await group.WriteAsync(fields[next++], new ArraySegment<byte[]>(_outlines, 0, _rows));
        foreach (var side in _boxes)
        {
            await group.WriteAllPartsAsync<double>(fields[next++], side.AsMemory(0, _rows), _boxLevels.AsMemory(0, _rows), null, CancellationToken.None);
        }
    }
}
