using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Model.Checkpoints;
using static TorchSharp.torch;

namespace HoverFast.Training.Optimisation;

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

    /// <summary>Reads tensors and what the file says of them.</summary>
    /// <exception cref="CheckpointException">The file is missing, cut off or damaged.</exception>
    public static (Dictionary<string, Tensor> Tensors, Dictionary<string, string> Metadata) Read(string path)
    {
        using var file = Checkpoint.Open(path);
        var tensors = new Dictionary<string, Tensor>();
        foreach (var name in file.Names)
        {
            tensors[name] = tensor(file[name].ToFloats(), [.. file[name].Shape]);
        }

        return (tensors, file.Settings.Where(s => s.Value is string).ToDictionary(s => s.Key, s => (string)s.Value));
    }
}
