using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using HoverFast.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace HoverFast.Training.Training;

/// <summary>
/// Named float32 tensors in a file of the safetensors format: an 8-byte header length, a JSON header with type, shape and
/// offsets of each tensor, then the numbers. It holds data alone, so reading one can't run anything.
/// </summary>
internal static class TensorFile
{
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var header = new Dictionary<string, object> { ["__metadata__"] = metadata };
        long offset = 0;
        foreach (var (name, tensor) in tensors)
        {
            var bytes = tensor.numel() * sizeof(float);
            header[name] = new { dtype = "F32", shape = tensor.shape, data_offsets = new[] { offset, offset + bytes } };
            offset += bytes;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        PartialFile.Write(path, file =>
        {
            var length = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
            file.Write(length);
            file.Write(json);
            foreach (var tensor in tensors.Values)
            {
                using var plain = tensor.detach().to(ScalarType.Float32).contiguous();
                file.Write(MemoryMarshal.AsBytes(plain.data<float>().ToArray().AsSpan()));
            }
        });
    }

    public static (Dictionary<string, Tensor> Tensors, Dictionary<string, string> Metadata) Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            var headerLength = checked((int)BinaryPrimitives.ReadInt64LittleEndian(bytes));
            using var header = JsonDocument.Parse(bytes.AsMemory(8, headerLength));
            var tensors = new Dictionary<string, Tensor>();
            var metadata = new Dictionary<string, string>();
            foreach (var entry in header.RootElement.EnumerateObject())
            {
                if (entry.Name == "__metadata__")
                {
                    metadata = entry.Value.Deserialize<Dictionary<string, string>>() ?? [];
                    continue;
                }

                if (entry.Value.GetProperty("dtype").GetString() != "F32")
                {
                    throw new InvalidDataException($"tensor '{entry.Name}' is not float32");
                }

                var shape = entry.Value.GetProperty("shape").Deserialize<long[]>()!;
                var offsets = entry.Value.GetProperty("data_offsets").Deserialize<int[]>()!;
                var data = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(8 + headerLength)[offsets[0]..offsets[1]]).ToArray();
                tensors[entry.Name] = tensor(data, shape);
            }

            return (tensors, metadata);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or OverflowException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{path}: not a whole safetensors file; take an earlier one or start anew.", e);
        }
    }
}
