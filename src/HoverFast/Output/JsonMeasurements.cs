using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HoverFast.Nuclei;

namespace HoverFast.Output;

/// <summary>Writes a nucleus's measurements as a flat JSON object: name and number.</summary>
internal sealed class JsonMeasurements
{
    private readonly byte[][] _names;
    private readonly int[] _decimals;

    /// <summary>Prepares the names.</summary>
    public JsonMeasurements(IReadOnlyList<MeasurementName> measurements)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        _names = [.. measurements.Select(m => Encoding.UTF8.GetBytes(Quote(m.Name) + ":"))];
        _decimals = [.. measurements.Select(m => m.Decimals)];
    }

    /// <summary>Whether there are any.</summary>
    public bool Any => _names.Length > 0;

    /// <summary>A JSON string.</summary>
    public static string Quote(string text) => '"' + JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString() + '"';

    /// <summary>Writes the object. JSON has no NaN: what can't be told is left out.</summary>
    public void Write(Utf8Text text, ReadOnlySpan<float> values)
    {
        text.Add((byte)'{');
        var first = true;
        for (var i = 0; i < _names.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                continue;
            }

            if (!first)
            {
                text.Add((byte)',');
            }

            first = false;
            text.Add(_names[i]);
            text.Add(values[i], _decimals[i]);
        }

        text.Add((byte)'}');
    }
}
