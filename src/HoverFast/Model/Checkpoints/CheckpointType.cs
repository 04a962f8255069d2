namespace HoverFast.Model.Checkpoints;

/// <summary>Element types that checkpoints hold.</summary>
internal enum CheckpointType
{
    /// <summary>IEEE half precision.</summary>
    Float16,

    /// <summary>The upper half of a 32-bit float.</summary>
    BFloat16,

    /// <summary>IEEE single precision.</summary>
    Float32,

    /// <summary>IEEE double precision.</summary>
    Float64,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Unsigned byte.</summary>
    UInt8,

    /// <summary>Signed byte.</summary>
    Int8,

    /// <summary>16-bit integer.</summary>
    Int16,

    /// <summary>32-bit integer.</summary>
    Int32,

    /// <summary>64-bit integer.</summary>
    Int64,
}
