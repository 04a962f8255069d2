using System.Runtime.InteropServices;

namespace HoverFast.Model.Onnx;

/// <summary>One dimension of an input or output: a fixed number, or the name of a free one. Numbers and strings convert to it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct OnnxDimension
{
    private OnnxDimension(long? size, string? symbol) => (Size, Symbol) = (size, symbol);

    /// <summary>The fixed number, or null where the dimension is free.</summary>
    public long? Size { get; }

    /// <summary>The name of a free dimension, such as "height".</summary>
    public string? Symbol { get; }

    /// <summary>A fixed dimension.</summary>
    public static implicit operator OnnxDimension(long size) => FromInt64(size);

    /// <summary>A free dimension.</summary>
    public static implicit operator OnnxDimension(string symbol) => FromString(symbol);

    /// <summary>A fixed dimension.</summary>
    public static OnnxDimension FromInt64(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        return new(size, null);
    }

    /// <summary>A free dimension.</summary>
    public static OnnxDimension FromString(string symbol)
    {
        ArgumentException.ThrowIfNullOrEmpty(symbol);
        return new(null, symbol);
    }
}
