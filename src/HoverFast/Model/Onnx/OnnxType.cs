namespace HoverFast.Model.Onnx;

/// <summary>Element types of tensors, with the numbers of ONNX's <c>TensorProto.DataType</c>.</summary>
internal enum OnnxType
{
    /// <summary>Not known.</summary>
    None = 0,

    /// <summary>32-bit floating point.</summary>
    Float = 1,

    /// <summary>Unsigned byte.</summary>
    UInt8 = 2,

    /// <summary>Signed byte.</summary>
    Int8 = 3,

    /// <summary>32-bit integer.</summary>
    Int32 = 6,

    /// <summary>64-bit integer.</summary>
    Int64 = 7,

    /// <summary>16-bit floating point.</summary>
    Float16 = 10,

    /// <summary>64-bit floating point.</summary>
    Double = 11,

    /// <summary>The upper half of a 32-bit floating point.</summary>
    BFloat16 = 16,
}
