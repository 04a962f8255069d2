using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using HoverFast.Model.Checkpoints;

namespace HoverFast.Tests.Model;

/// <summary>Writes pickles operation by operation, and checkpoints around them in both of PyTorch's forms, valid or otherwise.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream _bytes = new();

    public PickleWriter() => Raw(0x80, 2);

    public byte[] ToArray() => _bytes.ToArray();

    public PickleWriter Raw(params byte[] bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public PickleWriter Op(char opcode) => Raw((byte)opcode);

    public PickleWriter Text(string text)
    {
        Op('X');
        var utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        _bytes.Write(length);
        return Raw(utf8);
    }

    public PickleWriter Int(long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return Raw(0x8a, 8).Raw(bytes.ToArray());
    }

    public PickleWriter Global(string module, string name) => Op('c').Raw(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));

    public PickleWriter Integers(params long[] numbers)
    {
        Op('(');
        foreach (var n in numbers)
        {
            Int(n);
        }

        return Op('t');
    }

    /// <summary>A tensor as <c>torch.save</c> writes it.</summary>
    public PickleWriter Tensor(string storageClass, string key, long count, long offset, long[] shape, long[] strides, bool legacy = false)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op('(');
        Op('(').Text("storage").Global("torch", storageClass).Text(key).Text("cpu").Int(count);
        if (legacy)
        {
            Op('N');
        }

        Op('t').Op('Q').Int(offset).Integers(shape).Integers(strides).Raw(0x89);
        return Global("collections", "OrderedDict").Op(')').Op('R').Op('t').Op('R');
    }

    /// <summary>A zip file around a pickle and its storages.</summary>
    public static byte[] Zip(byte[] pickle, IEnumerable<(string Key, byte[] Bytes)> storages, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var stream = new MemoryStream();
        Zip(stream, pickle, storages, level);
        return stream.ToArray();
    }

    /// <summary>A zip file around a pickle and its storages, written piece by piece.</summary>
    public static void Zip(
        Stream stream,
        byte[] pickle,
        IEnumerable<(string Key, byte[] Bytes)> storages,
        CompressionLevel level = CompressionLevel.NoCompression)
    {
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            void Add(string name, byte[] bytes)
            {
                using var entry = zip.CreateEntry("archive/" + name, level).Open();
                entry.Write(bytes);
            }

            Add("data.pkl", pickle);
            Add("byteorder", "little"u8.ToArray());
            foreach (var (key, bytes) in storages)
            {
                Add("data/" + key, bytes);
            }

            Add("version", "3\n"u8.ToArray());
        }
    }

    /// <summary>The older form around a pickle and its storages.</summary>
    public static byte[] Legacy(byte[] pickle, IReadOnlyList<(string Key, byte[] Bytes, CheckpointType Type)> storages)
    {
        var head = new PickleWriter().Raw(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19).Op('.').ToArray();
        var version = new PickleWriter().Int(1001).Op('.').ToArray();
        var system = new PickleWriter().Op('}').Text("little_endian").Raw(0x88).Op('s').Op('.').ToArray();
        var keys = new PickleWriter().Op(']').Op('(');
        foreach (var s in storages)
        {
            keys.Text(s.Key);
        }

        using var stream = new MemoryStream();
        foreach (var part in (byte[][])[head, version, system, pickle, keys.Op('e').Op('.').ToArray()])
        {
            stream.Write(part);
        }

        foreach (var s in storages)
        {
            stream.Write(BitConverter.GetBytes((long)(s.Bytes.Length / CheckpointStorage.SizeOf(s.Type))));
            stream.Write(s.Bytes);
        }

        return stream.ToArray();
    }
}
