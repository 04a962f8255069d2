using System.Runtime.InteropServices;
using HoverFast.Model.Quantization;

namespace HoverFast.Model.Engine;

/// <summary>Units of two summands in units of their sum, and the constant that the zero points add up to.</summary>
/// <param name="First">First summand's unit.</param>
/// <param name="Second">Second summand's unit.</param>
/// <param name="Constant">Zero point of the sum less those of the summands.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AddFactors(float First, float Second, float Constant)
{
    /// <summary>From scales and zero points.</summary>
    public static AddFactors Of(QuantizedRange first, QuantizedRange second, QuantizedRange sum)
    {
        var a = first.Scale / sum.Scale;
        var b = second.Scale / sum.Scale;
        return new AddFactors(a, b, sum.ZeroPoint - ((a * first.ZeroPoint) + (b * second.ZeroPoint)));
    }
}
