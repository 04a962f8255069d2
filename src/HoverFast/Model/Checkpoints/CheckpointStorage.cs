namespace HoverFast.Model.Checkpoints;

/// <summary>
/// A run of equal elements in the file that one or more tensors are views of. Nothing of it is in memory; where it lies may
/// become known after the tensors that use it (legacy files put the elements last).
/// </summary>
internal sealed class CheckpointStorage(string key, CheckpointType type, long count)
{
    /// <summary>The name by which the pickle refers to it.</summary>
    public string Key { get; } = key;

    public CheckpointType Type { get; } = type;

    /// <summary>Number of elements.</summary>
    public long Count { get; } = count;

    /// <summary>First byte in the file, once known.</summary>
    public long Offset { get; set; } = -1;

    /// <summary>CRC-32 of the storage's bytes, where the file tells it.</summary>
    public uint? Checksum { get; set; }

    /// <summary>Bytes of one element.</summary>
    public int ElementSize => SizeOf(Type);

    /// <summary>Bytes of all elements; <see cref="Count"/> has been compared with the file's length before, so that it can't overflow.</summary>
    public long ByteLength => Count * ElementSize;

    public static int SizeOf(CheckpointType type) => type switch
    {
        CheckpointType.Bool or CheckpointType.UInt8 or CheckpointType.Int8 => 1,
        CheckpointType.Float16 or CheckpointType.BFloat16 or CheckpointType.Int16 => 2,
        CheckpointType.Float32 or CheckpointType.Int32 => 4,
        CheckpointType.Float64 or CheckpointType.Int64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
