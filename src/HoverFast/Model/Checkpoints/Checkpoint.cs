using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Numerics;
using System.Text;
using System.Text.Json;
using HoverFast.Model.Networks;

namespace HoverFast.Model.Checkpoints;

/// <summary>
/// The weights in a file that PyTorch's <c>torch.save</c> wrote, in its zip form (1.6 and later) or the older one, or in a
/// safetensors file. The file is parsed, never executed: a pickle may name only what a state dictionary is made of.
/// </summary>
/// <remarks>
/// The state dictionary may be the whole file ("plain"), or lie under <c>desc</c> (HoverNet), <c>model_dict</c> (HoverFast),
/// <c>state_dict</c> or <c>model</c>. A leading <c>module.</c> in every name (networks trained on several GPUs) is taken off.
/// </remarks>
internal sealed class Checkpoint : INetworkWeights, IDisposable
{
    private static readonly string[] _layouts = ["desc", "model_dict", "state_dict", "model"];
    private static readonly Dictionary<string, CheckpointType> _safeTypes = new(StringComparer.Ordinal)
    {
        ["F16"] = CheckpointType.Float16,
        ["BF16"] = CheckpointType.BFloat16,
        ["F32"] = CheckpointType.Float32,
        ["F64"] = CheckpointType.Float64,
        ["BOOL"] = CheckpointType.Bool,
        ["U8"] = CheckpointType.UInt8,
        ["I8"] = CheckpointType.Int8,
        ["I16"] = CheckpointType.Int16,
        ["I32"] = CheckpointType.Int32,
        ["I64"] = CheckpointType.Int64,
    };

    private static readonly BigInteger _legacyMagic = BigInteger.Parse("119547037146038801333356", CultureInfo.InvariantCulture);

    private readonly CheckpointFile _file;
    private readonly Dictionary<string, CheckpointTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> _settings = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    private Checkpoint(CheckpointFile file)
    {
        _file = file;
        Span<byte> start = file.Read(0, Math.Min(file.Length, 9));
        if (start.Length == 9 && start[8] == '{' && BinaryPrimitives.ReadInt64LittleEndian(start) is > 1 and var headerLength)
        {
            ReadSafeTensors(headerLength);
            return;
        }

        var root = start.Length >= 4 && start[..4].SequenceEqual("PK\x03\x04"u8) ? ReadZip()
            : start.Length >= 2 && start[0] == 0x80 ? ReadLegacy()
            : throw file.Error("is no PyTorch checkpoint: it begins neither like a zip file, nor like a pickle, nor like a safetensors file");
        Collect(root);
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>Where the state dictionary lay: "desc", "model_dict", "state_dict", "model" or "plain".</summary>
    public string Layout { get; private set; } = "plain";

    /// <summary>Names of the tensors in the file's order.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>
    /// Numbers, truth values and words that stand beside the state dictionary (<see cref="long"/>, <see cref="double"/>, <see cref="bool"/>,
    /// <see cref="string"/>).
    /// </summary>
    public IReadOnlyDictionary<string, object> Settings => _settings;

    /// <summary>A tensor by its name.</summary>
    /// <exception cref="CheckpointException">There is none of that name.</exception>
    public CheckpointTensor this[string name] =>
        _tensors.TryGetValue(name, out var tensor) ? tensor : throw _file.Error($"has no tensor {name}; it belongs to another network");

    /// <summary>Opens a checkpoint and reads its table of tensors; elements are read when asked for.</summary>
    /// <exception cref="CheckpointException">It can't be read, is no checkpoint, or wants more than to hold weights.</exception>
    public static Checkpoint Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new CheckpointFile(path);
        try
        {
            return new Checkpoint(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is a tensor of that name.</summary>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>The elements of a tensor that must have a certain shape, as floats.</summary>
    /// <exception cref="CheckpointException">It is missing, or of another shape.</exception>
    public float[] Floats(string name, params long[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        var tensor = this[name];
        return tensor.Shape.SequenceEqual(shape)
            ? tensor.ToFloats()
            : throw _file.Error(
                $"the tensor {name} has the shape ({string.Join(", ", tensor.Shape)}) where ({string.Join(", ", shape)}) is expected; it belongs to another network");
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    internal ModelException Error(string problem) => _file.Error(problem);

    ModelException INetworkWeights.Error(string problem) => Error(problem);

    IReadOnlyList<long> INetworkWeights.ShapeOf(string name) => this[name].Shape;

    private object? ReadZip()
    {
        var zip = new StoredZip(_file);
        var pickles = zip.Names.Where(n => n.EndsWith("/data.pkl", StringComparison.Ordinal)).ToList();
        if (pickles.Count != 1)
        {
            throw _file.Error("is a zip file but no PyTorch checkpoint: it must hold one data.pkl");
        }

        var root = pickles[0][..^"data.pkl".Length];
        if (zip.Names.Any(n => n.StartsWith(root + "code/", StringComparison.Ordinal)))
        {
            throw _file.Error("is a TorchScript program, not a checkpoint; save the model's state_dict() with torch.save");
        }

        if (zip.Names.Contains(root + "byteorder", StringComparer.Ordinal))
        {
            var (at, length, _) = zip.Find(root + "byteorder");
            if (length > 16 || Encoding.UTF8.GetString(_file.Read(at, length)).Trim() != "little")
            {
                throw _file.Error("was written on a big-endian machine; save it on another one");
            }
        }

        var (offset, size, checksum) = zip.Find(pickles[0]);
        if (size > PickleReader.LargestPickle)
        {
            throw _file.Error("has a larger table of contents than any checkpoint");
        }

        var pickle = _file.Read(offset, size);
        if (Crc32.HashToUInt32(pickle) != checksum)
        {
            throw _file.Error("its table of contents doesn't match its checksum; the file is damaged, get it again");
        }

        var storages = new Dictionary<string, CheckpointStorage>(StringComparer.Ordinal);
        return new PickleReader(_file, pickle, id =>
        {
            var storage = Storage(id, storages);
            if (storage.Offset < 0)
            {
                var (start, length, sum) = zip.Find(root + "data/" + storage.Key);
                if (length != storage.ByteLength)
                {
                    throw _file.Error(
                        $"storage {storage.Key} has {length.ToString(CultureInfo.InvariantCulture)} bytes where {storage.ByteLength.ToString(CultureInfo.InvariantCulture)} are expected; the file is damaged");
                }

                storage.Offset = start;
                storage.Checksum = sum;
            }

            return storage;
        }).Read();
    }

    // The length of a JSON header, the header (type, shape and place of each tensor), the elements (github.com/huggingface/safetensors).
    private void ReadSafeTensors(long headerLength)
    {
        if (headerLength > PickleReader.LargestPickle || headerLength > _file.Length - 8)
        {
            throw _file.Error("begins like a safetensors file, but its header is longer than the file or than any checkpoint's; it is cut off or damaged");
        }

        try
        {
            using var header = JsonDocument.Parse(_file.Read(8, headerLength));
            foreach (var entry in header.RootElement.EnumerateObject())
            {
                if (entry.Name == "__metadata__")
                {
                    ReadMetadata(entry.Value);
                    continue;
                }

                var typeName = entry.Value.GetProperty("dtype").GetString() ?? "";
                if (!_safeTypes.TryGetValue(typeName, out var type))
                {
                    throw _file.Error($"the tensor {entry.Name} has the type {typeName}, which isn't known");
                }

                var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()).ToArray();
                var from = entry.Value.GetProperty("data_offsets")[0].GetInt64();
                var to = entry.Value.GetProperty("data_offsets")[1].GetInt64();
                var length = _file.Length - 8 - headerLength;
                if (from < 0 || to < from || to > length || (to - from) % CheckpointStorage.SizeOf(type) != 0)
                {
                    throw _file.Error($"the tensor {entry.Name} lies beyond the end of the file; it is cut off or damaged");
                }

                var storage = new CheckpointStorage(entry.Name, type, (to - from) / CheckpointStorage.SizeOf(type)) { Offset = 8 + headerLength + from };
                var strides = new long[shape.Length];
                var stride = 1L;
                for (var d = shape.Length - 1; d >= 0; d--)
                {
                    (strides[d], stride) = (stride, unchecked(stride * shape[d]));
                }

                if (!_tensors.ContainsKey(entry.Name))
                {
                    _names.Add(entry.Name);
                }

                _tensors[entry.Name] = new CheckpointTensor(_file, storage, 0, shape, strides);
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw _file.Error($"begins like a safetensors file, but its header is damaged ({e.Message})", e);
        }

        if (_names.Count == 0)
        {
            throw _file.Error("holds no tensors");
        }

        Unwrap();
    }

    // Words about the file; HoverFast puts its network's settings there as JSON under "config".
    private void ReadMetadata(JsonElement metadata)
    {
        foreach (var entry in metadata.EnumerateObject())
        {
            var text = entry.Value.GetString() ?? "";
            if (entry.Name != "config")
            {
                _settings[entry.Name] = text;
                continue;
            }

            using var config = JsonDocument.Parse(text);
            foreach (var setting in config.RootElement.EnumerateObject())
            {
                object? value = setting.Value.ValueKind switch
                {
                    JsonValueKind.True => true,
                    JsonValueKind.False => false,
                    JsonValueKind.String => setting.Value.GetString(),
                    JsonValueKind.Number => setting.Value.TryGetInt64(out var whole) ? (object)whole : setting.Value.GetDouble(),
                    _ => null,
                };
                if (value is not null)
                {
                    _settings[setting.Name] = value;
                }
            }
        }
    }

    // Five pickles (magic number, version, sizes of C types, the object, the list of storages), then each storage's count and elements.
    private object? ReadLegacy()
    {
        var storages = new Dictionary<string, CheckpointStorage>(StringComparer.Ordinal);
        var reader = new PickleReader(_file, _file.Read(0, Math.Min(_file.Length, PickleReader.LargestPickle)), id => Storage(id, storages));
        if (reader.Read() is not BigInteger magic || magic != _legacyMagic)
        {
            throw _file.Error("is a pickle but no PyTorch checkpoint (its magic number is missing)");
        }

        if (reader.Read() is not 1001L)
        {
            throw _file.Error("is in an unknown version of PyTorch's old format");
        }

        if (reader.Read() is not PickleDictionary system || !system.TryGet("little_endian", out var little) || little is not true)
        {
            throw _file.Error("was written on a big-endian machine; save it on another one");
        }

        var root = reader.Read();
        if (reader.Read() is not PickleList keys)
        {
            throw _file.Error("has no list of storages; it is damaged");
        }

        long at = reader.Position;
        foreach (var key in keys.Items)
        {
            if (key is not string name || !storages.TryGetValue(name, out var storage))
            {
                throw _file.Error("lists a storage that no tensor uses; it is damaged");
            }

            var count = BinaryPrimitives.ReadInt64LittleEndian(_file.Read(at, 8));
            if (count != storage.Count || storage.ByteLength > _file.Length - at - 8)
            {
                throw _file.Error($"storage {name} is shorter or longer than its tensors need; the file is cut off or damaged");
            }

            storage.Offset = at + 8;
            at += 8 + storage.ByteLength;
        }

        return storages.Values.FirstOrDefault(s => s.Offset < 0) is { } missing
            ? throw _file.Error($"storage {missing.Key} is missing; the file is damaged")
            : root;
    }

    // A persistent id is ("storage", class, key, device, number of elements), in old files with a sixth item that is None.
    private CheckpointStorage Storage(object? id, Dictionary<string, CheckpointStorage> known)
    {
        if (id is not PickleTuple { Items: ["storage", PickleGlobal global, string key, string, long count, .. var rest] }
            || !PickleReader.IsStorage(global, out var type)
            || rest.Length > 1
            || (rest.Length == 1 && rest[0] is not null))
        {
            throw _file.Error("refers to something outside the pickle that is no plain storage of numbers");
        }

        if (count < 0 || count > _file.Length / CheckpointStorage.SizeOf(type))
        {
            throw _file.Error($"storage {key} claims {count.ToString(CultureInfo.InvariantCulture)} elements, more than the file can hold");
        }

        if (!known.TryGetValue(key, out var storage))
        {
            storage = new CheckpointStorage(key, type, count);
            known.Add(key, storage);
        }

        return storage.Type == type && storage.Count == count ? storage : throw _file.Error($"storage {key} is described in two ways; the file is damaged");
    }

    private void Collect(object? root)
    {
        if (root is not PickleDictionary dictionary)
        {
            throw _file.Error("holds no dictionary; save the model's state_dict() with torch.save");
        }

        foreach (var layout in _layouts)
        {
            if (dictionary.TryGet(layout, out var inner) && inner is PickleDictionary state)
            {
                foreach (var (key, value) in dictionary.Items)
                {
                    if (key is string name && value is long or double or bool or string)
                    {
                        _settings[name] = value;
                    }
                }

                Layout = layout;
                dictionary = state;
                break;
            }
        }

        foreach (var (key, value) in dictionary.Items)
        {
            if (key is string name && value is CheckpointTensor tensor)
            {
                _names.Add(name);
                _tensors[name] = tensor;
            }
        }

        if (_names.Count == 0)
        {
            throw _file.Error("holds no tensors under desc, model_dict, state_dict, model or at its top; save the model's state_dict() with torch.save");
        }

        Unwrap();
    }

    // Takes the prefix off that training on several GPUs puts before every name.
    private void Unwrap()
    {
        const string Wrapper = "module.";
        if (_names.TrueForAll(n => n.StartsWith(Wrapper, StringComparison.Ordinal)))
        {
            for (var i = 0; i < _names.Count; i++)
            {
                _tensors.Remove(_names[i], out var tensor);
                _names[i] = _names[i][Wrapper.Length..];
                _tensors[_names[i]] = tensor!;
            }
        }
    }
}
