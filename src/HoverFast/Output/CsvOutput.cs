using System.Text;
using HoverFast.Nuclei;
using HoverFast.Slides;

namespace HoverFast.Output;

/// <summary>
/// Writes one line a nucleus (RFC 4180, UTF-8): identity, centroid in full-resolution pixels from the corner of the slide's bounds and
/// in um, type where the model knows types, then the measurements; a cell is empty where a value can't be told. Compressed with gzip
/// where the name ends in <c>.gz</c>.
/// </summary>
internal sealed class CsvOutput : INucleusOutput
{
    private readonly PartialTextFile _file;
    private readonly Utf8Text _text;
    private readonly IReadOnlyList<MeasurementName> _measurements;
    private readonly byte[][]? _classes;
    private readonly double _um;

    /// <summary>Starts the file.</summary>
    /// <param name="path">Where to; by custom <c>NAME.csv</c>.</param>
    /// <param name="mpp">Pixel size at full resolution.</param>
    /// <param name="measurements">Names of the measurements that the nuclei bring.</param>
    /// <param name="classes">The types that the model knows, type 1 first; empty where it knows none, and then the column is missing.</param>
    public CsvOutput(string path, Mpp mpp, IReadOnlyList<MeasurementName> measurements, IReadOnlyList<NucleusClass>? classes = null)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        _measurements = measurements;
        _classes = classes is { Count: > 0 } ? [.. classes.Select(c => Encoding.UTF8.GetBytes(Quote(c.Name)))] : null;
        _um = mpp.MicronsPerPixel;
        _file = new PartialTextFile(path);
        _text = _file.Text;
        string[] columns =
        [
            "id",
            "x_px",
            "y_px",
            "x_um",
            "y_um",
            .. _classes is null ? Array.Empty<string>() : ["class"],
            .. measurements.Select(m => m.Column),
        ];
        _text.Add(Encoding.UTF8.GetBytes(string.Join(',', columns.Select(Quote)) + "\n"));
    }

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <inheritdoc/>
    public void Add(in SegmentedNucleus nucleus)
    {
        const int Decimals = 2;
        var centroid = nucleus.Nucleus.Centroid;
        _text.Add(nucleus.Id);
        Cell(centroid.X, Decimals);
        Cell(centroid.Y, Decimals);
        Cell(centroid.X * _um, Decimals);
        Cell(centroid.Y * _um, Decimals);
        if (_classes is not null)
        {
            _text.Add((byte)',');
            if (nucleus.Nucleus.Type is var type && type >= 1 && type <= _classes.Length)
            {
                _text.Add(_classes[type - 1]);
            }
        }

        for (var i = 0; i < _measurements.Count; i++)
        {
            Cell(nucleus.Measurements[i], _measurements[i].Decimals);
        }

        _text.Add((byte)'\n');
    }

    /// <inheritdoc/>
    public void Complete() => _file.Complete();

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static string Quote(string cell) => cell.AsSpan().ContainsAny(",\"\r\n") ? '"' + cell.Replace("\"", "\"\"", StringComparison.Ordinal) + '"' : cell;

    private void Cell(double value, int decimals)
    {
        _text.Add((byte)',');
        if (double.IsFinite(value))
        {
            _text.Add(value, decimals);
        }
    }
}
