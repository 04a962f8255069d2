using System.Runtime.InteropServices;

namespace HoverFast.Model.Onnx;

/// <summary>A constant tensor of an <see cref="OnnxGraph"/>: elements row-major and little-endian.</summary>
internal sealed record OnnxConstant(OnnxValue Value, OnnxType Type, long[] Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>Number of elements.</summary>
    public int Count => (int)Shape.Aggregate(1L, (a, b) => a * b);

    public ReadOnlySpan<float> Floats => Type == OnnxType.Float
        ? MemoryMarshal.Cast<byte, float>(Data.Span)
        : throw new InvalidOperationException($"Constant {Value.Name} holds {Type}, not floats.");
}
