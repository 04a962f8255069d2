using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using HoverFast.Files;

namespace HoverFast.Model.Checkpoints;

/// <summary>
/// Parses Python's pickle format (documented in <c>pickletools.py</c>) as far as PyTorch's state dictionaries use it, and never
/// executes anything: classes and functions are names that are compared with a short list of known ones; any other name, and any
/// operation that isn't needed, is an error. Work and memory grow with the bytes parsed, not with what they claim.
/// </summary>
internal sealed class PickleReader(CheckpointFile file, ReadOnlyMemory<byte> pickle, Func<object?, CheckpointStorage> findStorage)
{
    /// <summary>No structure of a state dictionary is larger; weights lie outside the pickle.</summary>
    public const int LargestPickle = 32 << 20;

    private const int LargestStack = 1 << 20;

    /// <summary>Letters of a stranger's name that messages quote.</summary>
    private const int LongestName = 120;

    // What is remembered once may be copied by each call of a few bytes. State dictionaries copy each part once.
    private const int MostCopies = 8;

    private static readonly Dictionary<string, CheckpointType> _storages = new(StringComparer.Ordinal)
    {
        ["torch.HalfStorage"] = CheckpointType.Float16,
        ["torch.BFloat16Storage"] = CheckpointType.BFloat16,
        ["torch.FloatStorage"] = CheckpointType.Float32,
        ["torch.DoubleStorage"] = CheckpointType.Float64,
        ["torch.BoolStorage"] = CheckpointType.Bool,
        ["torch.ByteStorage"] = CheckpointType.UInt8,
        ["torch.CharStorage"] = CheckpointType.Int8,
        ["torch.ShortStorage"] = CheckpointType.Int16,
        ["torch.IntStorage"] = CheckpointType.Int32,
        ["torch.LongStorage"] = CheckpointType.Int64,
    };

    private static readonly HashSet<string> _dataTypes = new(StringComparer.Ordinal)
    {
        "torch.float16",
        "torch.bfloat16",
        "torch.float32",
        "torch.float64",
        "torch.bool",
        "torch.uint8",
        "torch.int8",
        "torch.int16",
        "torch.int32",
        "torch.int64",
    };

    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<long, object?> _memo = [];
    private int _position;
    private long _copied;

    /// <summary>The first byte after what has been parsed.</summary>
    public int Position => _position;

    /// <summary>The element type that a storage class stands for.</summary>
    public static bool IsStorage(PickleGlobal global, out CheckpointType type) => _storages.TryGetValue(global.Name, out type);

    /// <summary>Parses one pickle from the current position up to its end mark.</summary>
    public object? Read()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        while (true)
        {
            var at = _position;
            var opcode = (char)Byte();
            if (opcode == '.')
            {
                var result = Pop();
                return _stack.Count == 0 && _marks.Count == 0 ? result : throw Damaged("ends with values left over");
            }

            Execute(opcode, at);
            if (_stack.Count > LargestStack || _memo.Count > LargestStack)
            {
                throw Damaged("piles up more values than a checkpoint needs");
            }
        }
    }

    private void Execute(char opcode, int at)
    {
        switch (opcode)
        {
            // Protocol and framing carry no values.
            case '\x80':
                if (Byte() > 5)
                {
                    throw Damaged("was written in a newer protocol than 5");
                }

                break;
            case '\x95':
                Take(8);
                break;

            // Constants.
            case 'N':
                Push(null);
                break;
            case '\x88':
                Push(true);
                break;
            case '\x89':
                Push(false);
                break;
            case 'K':
                Push((long)Byte());
                break;
            case 'M':
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                break;
            case 'J':
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                break;
            case '\x8a':
                var integer = new BigInteger(Take(Byte()));
                Push(integer >= long.MinValue && integer <= long.MaxValue ? (object)(long)integer : integer);
                break;
            case 'G':
                Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
                break;
            case '\x8c':
                Push(Utf8(Take(Byte())));
                break;
            case 'X':
                Push(Utf8(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))));
                break;
            case '\x8d':
                Push(Utf8(Take(BinaryPrimitives.ReadUInt64LittleEndian(Take(8)))));
                break;

            // Byte strings; those of Python 2 were text.
            case 'U':
                Push(Encoding.Latin1.GetString(Take(Byte())));
                break;
            case 'T':
                Push(Encoding.Latin1.GetString(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))));
                break;
            case 'C':
                Push(Take(Byte()).ToArray());
                break;
            case 'B':
                Push(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))).ToArray());
                break;

            // Containers.
            case '(':
                _marks.Add(_stack.Count);
                if (_marks.Count > LargestStack)
                {
                    throw Damaged("piles up more marks than a checkpoint needs");
                }

                break;
            case ')':
                Push(new PickleTuple([]));
                break;
            case '\x85':
                Push(new PickleTuple(PopMany(1)));
                break;
            case '\x86':
                Push(new PickleTuple(PopMany(2)));
                break;
            case '\x87':
                Push(new PickleTuple(PopMany(3)));
                break;
            case 't':
                Push(new PickleTuple(PopToMark()));
                break;
            case ']':
                Push(new PickleList());
                break;
            case 'a':
                var item = Pop();
                Peek<PickleList>("append").Items.Add(item);
                break;
            case 'e':
                var items = PopToMark();
                Peek<PickleList>("append").Items.AddRange(items);
                break;
            case '}':
                Push(new PickleDictionary());
                break;
            case 's':
                var value = Pop();
                var key = Pop();
                Peek<PickleDictionary>("set an item").Set(key, value);
                break;
            case 'u':
                var pairs = PopToMark();
                if (pairs.Length % 2 != 0)
                {
                    throw Damaged("sets a key without a value");
                }

                var dictionary = Peek<PickleDictionary>("set items");
                for (var i = 0; i < pairs.Length; i += 2)
                {
                    dictionary.Set(pairs[i], pairs[i + 1]);
                }

                break;

            // Memo.
            case 'q':
                _memo[Byte()] = Peek<object>("remember", orNull: true);
                break;
            case 'r':
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek<object>("remember", orNull: true);
                break;
            case '\x94':
                _memo[_memo.Count] = Peek<object>("remember", orNull: true);
                break;
            case 'h':
                Push(Recall(Byte()));
                break;
            case 'j':
                Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;

            // Objects.
            case 'c':
                var module = Line();
                Push(Global(module, Line()));
                break;
            case '\x93':
                var name = Pop();
                var owner = Pop();
                Push(
                    Global(
                        owner as string ?? throw Damaged("names a class by something that is no text"),
                        name as string ?? throw Damaged("names a class by something that is no text")));
                break;
            case 'R':
                var arguments = Pop() as PickleTuple ?? throw Damaged("calls something without a tuple of arguments");
                Push(Construct(Pop() as PickleGlobal ?? throw Damaged("calls something that is no class"), arguments.Items));
                break;
            case 'b':
                var state = Pop();
                Build(state);
                break;
            case 'Q':
                Push(findStorage(Pop()));
                break;
            default:
                throw file.Error(
                    $"the pickle holds the operation 0x{((int)opcode).ToString("X2", CultureInfo.InvariantCulture)} at byte {at.ToString(CultureInfo.InvariantCulture)}, which no state dictionary needs; it is refused");
        }
    }

    // The whole list of names that a pickle may speak of.
    private PickleGlobal Global(string module, string name)
    {
        var full = module + "." + name;
        return full switch
        {
            "collections.OrderedDict" or "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_parameter" or "torch.Size" or "torch.device"
                or "numpy.dtype" or "numpy.core.multiarray.scalar" or "numpy._core.multiarray.scalar" or "_codecs.encode" => new PickleGlobal(full),
            _ when _storages.ContainsKey(full) || _dataTypes.Contains(full) => new PickleGlobal(full),
            _ => throw file.Error(
                $"the pickle wants to use {PrintableText.Of(full, LongestName)}, which isn't needed to hold weights; it is refused, and nothing was run. Save only the model's state_dict() and import that"),
        };
    }

    private object? Construct(PickleGlobal global, object?[] arguments)
    {
        switch (global.Name)
        {
            case "collections.OrderedDict":
                return OrderedDictionary(arguments);
            case "torch._utils._rebuild_tensor_v2" when arguments.Length >= 4 && arguments[0] is CheckpointStorage storage && arguments[1] is long offset:
                return new CheckpointTensor(file, storage, offset, Integers(arguments[2]), Integers(arguments[3]));
            case "torch._utils._rebuild_parameter" when arguments.Length >= 1 && arguments[0] is CheckpointTensor data:
                return data;
            case "torch.Size" when arguments is [PickleTuple or PickleList]:
                return arguments[0];
            case "torch.device" or "numpy.dtype":
                return new PickleInert(global, new PickleTuple(arguments));
            case "numpy.core.multiarray.scalar"
            or "numpy._core.multiarray.scalar" when arguments is [PickleInert { Arguments.Items: [string type, ..] }, byte[] or string]:
                return Scalar(type, arguments[1] as byte[] ?? Latin1((string)arguments[1]!));
            case "_codecs.encode" when arguments is [string text, "latin1"]:
                return Latin1(text);
            default:
                throw Damaged($"calls {global.Name} with other arguments than a state dictionary does");
        }
    }

    private PickleDictionary OrderedDictionary(object?[] arguments)
    {
        var result = new PickleDictionary();
        if (arguments is [])
        {
            return result;
        }

        var pairs = (arguments is [PickleList list] ? list : throw Damaged("makes an OrderedDict of something that is no list")).Items;
        Charge(pairs.Count);
        foreach (var pair in pairs)
        {
            var (key, value) = pair switch
            {
                PickleTuple { Items: [var k, var v] } => (k, v),
                PickleList { Items: [var k, var v] } => (k, v),
                _ => throw Damaged("makes an OrderedDict of something that is no list of pairs"),
            };
            result.Set(key, value);
        }

        return result;
    }

    // State that is set on objects: a dictionary's private metadata and a data type's byte order; neither bears on weights.
    private void Build(object? state)
    {
        switch (Peek<object>("set state", orNull: true))
        {
            case PickleDictionary when state is PickleDictionary:
            case PickleInert { Class.Name: "numpy.dtype" } when state is PickleTuple { Items: [_, "<" or "|" or "=", ..] }:
                return;
            default:
                throw Damaged("sets the state of something that is no dictionary and no little-endian data type");
        }
    }

    private object? Scalar(string type, byte[] bytes) => (type, bytes.Length) switch
    {
        ("f2", 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        ("f4", 4) => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
        ("f8", 8) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        ("i4", 4) => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
        ("i8", 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        ("b1", 1) => bytes[0] != 0,
        _ => throw Damaged($"holds a numpy scalar of type {PrintableText.Of(type, LongestName)}, which isn't known"),
    };

    private long[] Integers(object? value)
    {
        IReadOnlyList<object?> items = value switch
        {
            PickleTuple tuple => tuple.Items,
            PickleList list => list.Items,
            _ => throw Damaged("gives a tensor a shape that is no tuple"),
        };
        if (items.Count > 16)
        {
            throw Damaged("gives a tensor more than 16 dimensions");
        }

        return [.. items.Select(i => i is long n ? n : throw Damaged("gives a tensor a shape that is no tuple of integers"))];
    }

    private byte[] Latin1(string text)
    {
        Charge(text.Length);
        return Encoding.Latin1.GetBytes(text);
    }

    private void Charge(int copied)
    {
        _copied += copied;
        if (_copied > (long)MostCopies * pickle.Length)
        {
            throw Damaged("copies what it holds again and again");
        }
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(pickle.Length - _position))
        {
            throw Damaged("is cut off");
        }

        var span = pickle.Span.Slice(_position, (int)count);
        _position += (int)count;
        return span;
    }

    private byte Byte() => Take(1)[0];

    private string Line()
    {
        var rest = pickle.Span[_position..];
        var end = rest[..Math.Min(rest.Length, 512)].IndexOf((byte)'\n');
        if (end < 0)
        {
            throw Damaged("holds a name without an end");
        }

        _position += end + 1;
        return Utf8(rest[..end]);
    }

    private string Utf8(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private void Push(object? value) => _stack.Add(value);

    private object? Pop()
    {
        var floor = _marks.Count > 0 ? _marks[^1] : 0;
        if (_stack.Count <= floor)
        {
            throw Damaged("takes a value from an empty stack");
        }

        var value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] PopMany(int count)
    {
        var items = new object?[count];
        for (var i = count - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }

        return items;
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw Damaged("goes back to a mark that was not set");
        }

        var mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        var items = _stack[mark..].ToArray();
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private T Peek<T>(string purpose, bool orNull = false)
        where T : class
    {
        var floor = _marks.Count > 0 ? _marks[^1] : 0;
        return _stack.Count > floor && (_stack[^1] is T || (orNull && _stack[^1] is null))
            ? (T)_stack[^1]!
            : throw Damaged($"can't {purpose}: no fitting value is on the stack");
    }

    private object? Recall(long index) => _memo.TryGetValue(index, out var value) ? value : throw Damaged("recalls a value that was not remembered");

    private CheckpointException Damaged(string what) =>
        file.Error($"the pickle {what} (near byte {_position.ToString(CultureInfo.InvariantCulture)}); the file is damaged or no checkpoint");
}
