using System.Text;
using HoverFast.Nuclei;

namespace HoverFast.Output;

/// <summary>
/// Writes nuclei as QuPath imports them: a GeoJSON FeatureCollection (RFC 7946 without its geographic meaning) of detections with a
/// polygon each, in full-resolution pixels from the corner of the slide's bounds, two decimals, no white space. Compressed with gzip where
/// the name ends in <c>.gz</c>.
/// </summary>
internal sealed class GeoJsonOutput : INucleusOutput
{
    private readonly PartialTextFile _file;
    private readonly Utf8Text _text;
    private readonly JsonMeasurements _measurements;
    private readonly byte[][] _classes;

    /// <summary>Starts the file.</summary>
    /// <param name="path">Where to; by custom <c>NAME.geojson.gz</c> or <c>NAME.geojson</c>.</param>
    /// <param name="measurements">Names of the measurements that the nuclei bring; empty writes none.</param>
    /// <param name="classes">The types that the model knows, type 1 first; empty where it knows none, and then no nucleus is classified.</param>
    public GeoJsonOutput(string path, IReadOnlyList<MeasurementName> measurements, IReadOnlyList<NucleusClass>? classes = null)
    {
        _measurements = new JsonMeasurements(measurements);
        _classes =
        [
            .. (classes ?? []).Select(c =>
                Encoding.UTF8.GetBytes($",\"classification\":{{\"name\":{JsonMeasurements.Quote(c.Name)},\"color\":[{c.Red},{c.Green},{c.Blue}]}}")),
        ];
        _file = new PartialTextFile(path);
        _text = _file.Text;
        _text.Add("{\"type\":\"FeatureCollection\",\"features\":["u8);
    }

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <inheritdoc/>
    public void Add(in SegmentedNucleus nucleus)
    {
        if (nucleus.Ordinal > 0)
        {
            _text.Add((byte)',');
        }

        _text.Add("{\"type\":\"Feature\",\"id\":\""u8);
        _text.Add(nucleus.Id);
        _text.Add("\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[["u8);
        foreach (var point in nucleus.Outline)
        {
            Add(point);
            _text.Add((byte)',');
        }

        Add(nucleus.Outline[0]);
        _text.Add("]]},\"properties\":{\"objectType\":\"detection\""u8);
        if (nucleus.Nucleus.Type is var type && type >= 1 && type <= _classes.Length)
        {
            _text.Add(_classes[type - 1]);
        }

        if (_measurements.Any)
        {
            _text.Add(",\"measurements\":"u8);
            _measurements.Write(_text, nucleus.Measurements);
        }

        _text.Add("}}"u8);
    }

    /// <inheritdoc/>
    public void Complete()
    {
        _text.Add("]}"u8);
        _file.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Add(OutlinePoint point)
    {
        _text.Add((byte)'[');
        _text.AddHundredths(point.X);
        _text.Add((byte)',');
        _text.AddHundredths(point.Y);
        _text.Add((byte)']');
    }
}
