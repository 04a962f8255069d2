using System.Runtime.InteropServices;

namespace HoverFast.Model.Quantization;

/// <summary>Unsigned bytes for real numbers: real = (byte - zero point) x scale.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct QuantizedRange(float Scale, byte ZeroPoint)
{
    /// <summary>The bytes that cover low to high; the range is widened to hold 0, which is then exact, as padding needs.</summary>
    public static QuantizedRange Covering(double low, double high)
    {
        low = Math.Min(low, 0);
        high = Math.Max(high, 0);
        var scale = (float)((high - low) / 255);
        return scale > 0 && float.IsNormal(scale) ? new QuantizedRange(scale, (byte)Math.Clamp(Math.Round(-low / scale), 0, 255)) : new QuantizedRange(1, 0);
    }
}
