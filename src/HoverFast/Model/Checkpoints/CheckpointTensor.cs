using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace HoverFast.Model.Checkpoints;

/// <summary>
/// A tensor of a checkpoint: a strided view of a storage in the file. Elements are read when they are asked for, so that a file
/// can't fill memory by naming the same storage many times.
/// </summary>
internal sealed class CheckpointTensor
{
    private readonly CheckpointFile _file;
    private readonly long[] _strides;
    private readonly long _offset;

    internal CheckpointTensor(CheckpointFile file, CheckpointStorage storage, long offset, long[] shape, long[] strides)
    {
        if (shape.Length != strides.Length || shape.Length > 16)
        {
            throw file.Error($"a tensor has {Text(shape.Length)} dimensions and {Text(strides.Length)} strides");
        }

        long count = 1,
            last = offset;
        var whole =
            $"a tensor of shape ({string.Join(", ", shape.Select(Text))}) with strides ({string.Join(", ", strides.Select(Text))}) from element {Text(offset)} on doesn't fit its storage {storage.Key} of {Text(storage.Count)} elements";
        for (var d = 0; d < shape.Length; d++)
        {
            // Each factor is at most the storage's count before it is multiplied, and the storage is at most the file: no overflow.
            if (shape[d] < 0 || strides[d] < 0 || shape[d] > storage.Count || (shape[d] > 1 && strides[d] > storage.Count))
            {
                throw file.Error(whole);
            }

            if (Math.BigMul(count, shape[d], out var product) != 0 || product < 0 || product > storage.Count)
            {
                throw file.Error(whole);
            }

            count = product;
        }

        if (offset < 0 || offset > storage.Count)
        {
            throw file.Error(whole);
        }

        if (count > 0)
        {
            for (var d = 0; d < shape.Length; d++)
            {
                var reach = (Int128)(shape[d] - 1) * strides[d];
                if (last + reach >= storage.Count)
                {
                    throw file.Error(whole);
                }

                last += (long)reach;
            }

            if (last >= storage.Count)
            {
                throw file.Error(whole);
            }
        }

        (_file, Storage, _offset, Shape, _strides, Count) = (file, storage, offset, shape, strides, count);
    }

    /// <summary>Length of each dimension; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Element type in the file.</summary>
    public CheckpointType Type => Storage.Type;

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    internal CheckpointStorage Storage { get; }

    /// <summary>Reads the elements, row-major whatever the strides, converted to 32-bit floats.</summary>
    /// <exception cref="CheckpointException">The file is damaged or too short, or was closed.</exception>
    public float[] ToFloats()
    {
        var bytes = _file.Read(Storage);
        var result = new float[Count];
        var size = Storage.ElementSize;
        var type = Type;
        if (type == CheckpointType.Float32 && BitConverter.IsLittleEndian && IsRowMajor())
        {
            bytes.AsSpan((int)_offset * size, result.Length * size).CopyTo(MemoryMarshal.AsBytes(result.AsSpan()));
            return result;
        }

        Walk((index, at) => result[index] = type switch
        {
            CheckpointType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes.AsSpan(at * size)),
            CheckpointType.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at * size)) << 16),
            CheckpointType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at * size)),
            CheckpointType.Float64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(at * size)),
            _ => Integer(bytes, at),
        });
        return result;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private long Integer(byte[] bytes, int at) => Type switch
    {
        CheckpointType.Bool => bytes[at] != 0 ? 1 : 0,
        CheckpointType.UInt8 => bytes[at],
        CheckpointType.Int8 => (sbyte)bytes[at],
        CheckpointType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(at * 2)),
        CheckpointType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at * 4)),
        CheckpointType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at * 8)),
        _ => throw new InvalidOperationException($"{Type} is no integer."),
    };

    private bool IsRowMajor()
    {
        var stride = 1L;
        for (var d = Shape.Count - 1; d >= 0; d--)
        {
            if (Shape[d] > 1 && _strides[d] != stride)
            {
                return false;
            }

            stride *= Shape[d];
        }

        return true;
    }

    // Visits the elements in row-major order: their index in the result and their place in the storage.
    private void Walk(Action<int, int> visit)
    {
        var position = new long[Shape.Count];
        var at = _offset;
        for (var index = 0; index < Count; index++)
        {
            visit(index, (int)at);
            for (var d = Shape.Count - 1; d >= 0; d--)
            {
                at += _strides[d];
                if (++position[d] < Shape[d])
                {
                    break;
                }

                at -= _strides[d] * Shape[d];
                position[d] = 0;
            }
        }
    }
}
