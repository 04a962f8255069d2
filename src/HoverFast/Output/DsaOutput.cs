using System.Text;
using HoverFast.Nuclei;

namespace HoverFast.Output;

/// <summary>
/// Writes nuclei as an annotation of the Digital Slide Archive (HistomicsUI, large_image): a closed polyline each, in full-resolution pixels, types as groups
/// and labels, measurements under <c>user</c>. Compressed with gzip where the name ends in <c>.gz</c>.
/// </summary>
internal sealed class DsaOutput : INucleusOutput
{
    private readonly PartialTextFile _file;
    private readonly Utf8Text _text;
    private readonly JsonMeasurements _measurements;
    private readonly byte[][] _styles;

    /// <summary>Starts the file.</summary>
    /// <param name="path">Where to; by custom <c>NAME.dsa.json</c>.</param>
    /// <param name="model">The model's name, which the annotation is called after.</param>
    /// <param name="measurements">Names of the measurements that the nuclei bring.</param>
    /// <param name="classes">The types that the model knows, type 1 first; empty where it knows none, and then all nuclei are one group.</param>
    public DsaOutput(string path, string model, IReadOnlyList<MeasurementName> measurements, IReadOnlyList<NucleusClass>? classes = null)
    {
        _measurements = new JsonMeasurements(measurements);
        _styles = [.. new[] { new NucleusClass("Nucleus", 0, 255, 0) }.Concat(classes ?? []).Select(StyleOf)];
        _file = new PartialTextFile(path);
        _text = _file.Text;
        _text.Add(
            Encoding.UTF8.GetBytes(
                $"{{\"name\":{JsonMeasurements.Quote("Nuclei, " + model)},\"description\":\"Outlines of nuclei by HoverFast for .NET\",\"elements\":["));
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

        _text.Add("{\"type\":\"polyline\",\"closed\":true,\"points\":["u8);
        for (var i = 0; i < nucleus.Outline.Length; i++)
        {
            if (i > 0)
            {
                _text.Add((byte)',');
            }

            _text.Add((byte)'[');
            _text.AddHundredths(nucleus.Outline[i].X);
            _text.Add((byte)',');
            _text.AddHundredths(nucleus.Outline[i].Y);

            // A place has three numbers by the schema.
            _text.Add(",0]"u8);
        }

        _text.Add((byte)']');
        _text.Add(_styles[nucleus.Nucleus.Type is var type && type < _styles.Length ? type : 0]);
        if (_measurements.Any)
        {
            _text.Add(",\"user\":"u8);
            _measurements.Write(_text, nucleus.Measurements);
        }

        _text.Add((byte)'}');
    }

    /// <inheritdoc/>
    public void Complete()
    {
        _text.Add("]}"u8);
        _file.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static byte[] StyleOf(NucleusClass type)
    {
        var name = JsonMeasurements.Quote(type.Name);
        return Encoding.UTF8.GetBytes(
            $",\"group\":{name},\"label\":{{\"value\":{name}}},\"lineColor\":\"rgb({type.Red},{type.Green},{type.Blue})\",\"lineWidth\":1");
    }
}
