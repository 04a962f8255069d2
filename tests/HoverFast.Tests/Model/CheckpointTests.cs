using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using HoverFast.Model.Checkpoints;
using Xunit;

namespace HoverFast.Tests.Model;

public sealed class CheckpointTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hoverfast-checkpoint");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("plain")]
    [InlineData("desc")]
    [InlineData("model_dict")]
    [InlineData("state_dict")]
    public void Every_layout_gives_the_same_tensors_and_the_settings_beside_them(string layout)
    {
        var pickle = new PickleWriter().Op('}');
        if (layout != "plain")
        {
            pickle.Text("depth").Int(3).Op('s').Text(layout).Op('}');
        }

        pickle.Text("module.a.weight").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1]).Op('s');
        pickle.Text("module.a.count").Tensor("LongStorage", "1", 1, 0, [], []).Op('s');
        if (layout != "plain")
        {
            pickle.Op('s');
        }

        var path = Write(PickleWriter.Zip(pickle.Op('.').ToArray(), [("0", Bytes(1f, 2, 3, 4, 5, 6)), ("1", BitConverter.GetBytes(77L))]));
        using var checkpoint = Checkpoint.Open(path);
        Assert.Equal(layout, checkpoint.Layout);
        Assert.Equal(["a.weight", "a.count"], checkpoint.Names);
        Assert.Equal([1f, 2, 3, 4, 5, 6], checkpoint.Floats("a.weight", 2, 3));
        Assert.Equal([77f], checkpoint["a.count"].ToFloats());
        Assert.Equal(layout == "plain" ? [] : [KeyValuePair.Create("depth", (object)3L)], checkpoint.Settings);
        var error = Assert.Throws<CheckpointException>(() => checkpoint.Floats("a.weight", 3, 2));
        Assert.Contains("(2, 3)", error.Message, StringComparison.Ordinal);
        Assert.Throws<CheckpointException>(() => checkpoint["b"]);
    }

    [Fact]
    public void Strides_offsets_and_shared_storages_are_followed()
    {
        var pickle = new PickleWriter().Op('}')
            .Text("turned").Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3]).Op('s')
            .Text("part").Tensor("FloatStorage", "0", 6, 4, [2], [1]).Op('s')
            .Text("every second").Tensor("FloatStorage", "0", 6, 1, [3], [2]).Op('s')
            .Text("empty").Tensor("FloatStorage", "0", 6, 6, [0, 5], [5, 1]).Op('s').Op('.').ToArray();
        using var checkpoint = Checkpoint.Open(Write(PickleWriter.Zip(pickle, [("0", Bytes(1f, 2, 3, 4, 5, 6))])));
        Assert.Equal([1f, 4, 2, 5, 3, 6], checkpoint["turned"].ToFloats());
        Assert.Equal([5f, 6], checkpoint["part"].ToFloats());
        Assert.Equal([2f, 4, 6], checkpoint["every second"].ToFloats());
        Assert.Empty(checkpoint["empty"].ToFloats());
    }

    [Theory]
    [InlineData("HalfStorage", new byte[] { 0x00, 0x3e, 0x00, 0xc0 }, new[] { 1.5f, -2f })]
    [InlineData("BFloat16Storage", new byte[] { 0xc0, 0x3f, 0x00, 0xc0 }, new[] { 1.5f, -2f })]
    [InlineData("FloatStorage", new byte[] { 0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0 }, new[] { 1.5f, -2f })]
    [InlineData("DoubleStorage", new byte[] { 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0 }, new[] { 1.5f, -2f })]
    [InlineData("BoolStorage", new byte[] { 1, 0 }, new[] { 1f, 0 })]
    [InlineData("ByteStorage", new byte[] { 255, 1 }, new[] { 255f, 1 })]
    [InlineData("CharStorage", new byte[] { 255, 1 }, new[] { -1f, 1 })]
    [InlineData("ShortStorage", new byte[] { 0xfe, 0xff, 1, 0 }, new[] { -2f, 1 })]
    [InlineData("IntStorage", new byte[] { 0xfe, 0xff, 0xff, 0xff, 1, 0, 0, 0 }, new[] { -2f, 1 })]
    [InlineData("LongStorage", new byte[] { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0 }, new[] { -2f, 1 })]
    public void Every_element_type_is_converted(string storage, byte[] bytes, float[] expected)
    {
        Assert.True(PickleReader.IsStorage(new PickleGlobal("torch." + storage), out var type));
        var pickle = new PickleWriter().Op('}').Text("x").Tensor(storage, "0", 2, 0, [2], [1]).Op('s').Op('.').ToArray();
        using (var zip = Checkpoint.Open(Write(PickleWriter.Zip(pickle, [("0", bytes)]))))
        {
            Assert.Equal(expected, zip["x"].ToFloats());
        }

        pickle = new PickleWriter().Op('}').Text("x").Tensor(storage, "0", 2, 0, [2], [1], legacy: true).Op('s').Op('.').ToArray();
        using var legacy = Checkpoint.Open(Write(PickleWriter.Legacy(pickle, [("0", bytes, type)])));
        Assert.Equal(expected, legacy["x"].ToFloats());
    }

    [Fact]
    public void Both_forms_that_pytorch_wrote_hold_the_same_weights()
    {
        using var zip = Checkpoint.Open(SharedData.Require("parity", "hoverfast", "checkpoint.pth"));
        using var legacy = Checkpoint.Open(SharedData.Require("parity", "hoverfast", "checkpoint_legacy.pth"));
        Assert.Equal("model_dict", zip.Layout);
        Assert.Equal(zip.Names, legacy.Names);
        Assert.NotEmpty(zip.Names);
        foreach (var name in zip.Names)
        {
            Assert.Equal(zip[name].Shape, legacy[name].Shape);
            Assert.Equal(zip[name].ToFloats(), legacy[name].ToFloats());
        }

        foreach (var checkpoint in (Checkpoint[])[zip, legacy])
        {
            Assert.Equal(3L, checkpoint.Settings["depth"]);
            Assert.Equal(true, checkpoint.Settings["padding"]);
            Assert.Equal("upconv", checkpoint.Settings["up_mode"]);
            Assert.Equal(0.5, checkpoint.Settings["best_loss_on_test"]);
        }

        using var keys = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("parity", "hoverfast", "state_dict_keys.json")));
        Assert.Equal(keys.RootElement.EnumerateArray().Select(k => k[0].GetString()!), zip.Names);
        Assert.All(keys.RootElement.EnumerateArray(), k => Assert.Equal(k[1].EnumerateArray().Select(d => d.GetInt64()), zip[k[0].GetString()!].Shape));
    }

    [Fact]
    public void Safetensors_files_hold_the_same_things()
    {
        byte[] File(string header, params float[] data) =>
            [.. BitConverter.GetBytes((long)header.Length), .. System.Text.Encoding.UTF8.GetBytes(header), .. Bytes(data)];
        const string Good =
            """{"__metadata__":{"format":"pt","config":"{\"depth\": 3, \"padding\": true, \"up_mode\": \"upconv\"}"},"module.x":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"module.y":{"dtype":"F16","shape":[2],"data_offsets":[16,20]}} """;
        var good = File(Good, 1, 2, 3, 4, BitConverter.Int32BitsToSingle(0x3c00_c000));
        using (var checkpoint = Checkpoint.Open(Write(good)))
        {
            Assert.Equal(["x", "y"], checkpoint.Names);
            Assert.Equal([1f, 2, 3, 4], checkpoint.Floats("x", 2, 2));
            Assert.Equal([-2f, 1], checkpoint.Floats("y", 2));
            Assert.Equal(3L, checkpoint.Settings["depth"]);
            Assert.Equal(true, checkpoint.Settings["padding"]);
            Assert.Equal("pt", checkpoint.Settings["format"]);
        }

        for (var length = 0; length < good.Length; length++)
        {
            Assert.Throws<CheckpointException>(() => Checkpoint.Open(Write(good[..length])));
        }

        foreach (var bad in (string[])[
            """{"x":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,16]}}""",
            """{"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,16]}}""",
            """{"x":{"dtype":"F32","shape":[-1,4],"data_offsets":[0,16]}}""",
            """{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,1000000000000]}}""",
            """{"x":{"dtype":"F32","shape":[4],"data_offsets":[-16,0]}}""",
            """{"x":{"dtype":"F32","shape":[4],"data_offsets":[0]}}""",
            """{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,15]}}""",
            """{"x":{"dtype":"Q4","shape":[4],"data_offsets":[0,16]}}""",
            """{"x":{"dtype":"F32","data_offsets":[0,16]}}""",
            """{"x":7}""",
            """{"x":""",
            """{}"""])
        {
            Assert.Throws<CheckpointException>(() => Checkpoint.Open(Write(File(bad, 1, 2, 3, 4))));
        }
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "os.system", "posix.system" },
        { "os.system with STACK_GLOBAL", "os.system" },
        { "eval", "builtins.eval" },
        { "unknown operation", "0x69" },
        { "INST", "0x69" },
        { "NEWOBJ", "0x81" },
        { "huge count", "more than the file can hold" },
        { "huge count of a bounded storage", "is described in two ways" },
        { "huge shape", "doesn't fit its storage" },
        { "overflowing shape", "doesn't fit its storage" },
        { "repeated by stride 0", "doesn't fit its storage" },
        { "strides outside", "doesn't fit its storage" },
        { "huge strides", "doesn't fit its storage" },
        { "negative strides", "doesn't fit its storage" },
        { "offset outside", "doesn't fit its storage" },
        { "negative offset", "doesn't fit its storage" },
        { "shape without strides", "dimensions" },
        { "storage missing", "no part archive/data/9" },
        { "storage of another size", "are expected" },
        { "text of 4 GB", "is cut off" },
        { "no stop", "is cut off" },
        { "stack of values", "more values" },
        { "stack of marks", "more marks" },
        { "memo of values", "more values" },
        { "forgotten memo", "was not remembered" },
        { "empty stack", "empty stack" },
        { "no dictionary", "no dictionary" },
        { "no tensors", "no tensors" },
        { "state of a tensor", "sets the state" },
        { "big-endian scalar", "sets the state" },
        { "call of a tensor", "that is no class" },
        { "storage as text", "no plain storage" },
        { "one text encoded again and again", "again and again" },
        { "one list made a dictionary again and again", "again and again" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Malicious_and_damaged_pickles_are_refused_by_name_and_take_no_memory(string kind, string expected)
    {
        var p = new PickleWriter();
        PickleWriter Tensor(long count, long offset, long[] shape, long[] strides, string key = "0") =>
            p.Op('}').Text("x").Tensor("FloatStorage", key, count, offset, shape, strides).Op('s').Op('.');
        switch (kind)
        {
            case "os.system":
                p.Global("posix", "system").Text("touch " + Path.Combine(_folder.FullName, "owned")).Raw(0x85).Op('R').Op('.');
                break;
            case "os.system with STACK_GLOBAL":
                p.Text("os").Text("system").Raw(0x93).Text("true").Raw(0x85).Op('R').Op('.');
                break;
            case "eval":
                p.Op('}').Text("x").Global("builtins", "eval").Text("1").Raw(0x85).Op('R').Op('s').Op('.');
                break;
            case "unknown operation" or "INST":
                p.Op('(').Op('i').Raw("os\nsystem\n"u8.ToArray()).Op('.');
                break;
            case "NEWOBJ":
                p.Global("torch", "Size").Op(')').Raw(0x81).Op('.');
                break;
            case "huge count":
                Tensor(1_000_000_000_000, 0, [1_000_000_000_000], [1]);
                break;
            case "huge count of a bounded storage":
                p.Op('}').Text("x").Tensor("FloatStorage", "0", 6, 0, [6], [1]).Op('s').Text("y").Tensor("FloatStorage", "0", 7, 0, [6], [1]).Op('s').Op('.');
                break;
            case "huge shape":
                Tensor(6, 0, [1000, 1000, 1000, 1000], [1, 1, 1, 1]);
                break;
            case "overflowing shape":
                Tensor(6, 0, [long.MaxValue, long.MaxValue], [0, 0]);
                break;
            case "repeated by stride 0":
                Tensor(6, 0, [6, 6, 6, 6, 6, 6, 6], [0, 0, 0, 0, 0, 0, 0]);
                break;
            case "strides outside":
                Tensor(6, 0, [2, 3], [4, 1]);
                break;
            case "huge strides":
                Tensor(6, 0, [2, 3], [long.MaxValue, 1]);
                break;
            case "negative strides":
                Tensor(6, 5, [6], [-1]);
                break;
            case "offset outside":
                Tensor(6, 1, [6], [1]);
                break;
            case "negative offset":
                Tensor(6, -1, [6], [1]);
                break;
            case "shape without strides":
                Tensor(6, 0, [2, 3], [1]);
                break;
            case "storage missing":
                Tensor(6, 0, [6], [1], "9");
                break;
            case "storage of another size":
                Tensor(5, 0, [5], [1]);
                break;
            case "text of 4 GB":
                p.Op('X').Raw(255, 255, 255, 255);
                break;
            case "no stop":
                p.Op('}');
                break;
            case "stack of values":
                p.Raw([.. Enumerable.Repeat((byte)'N', 2_000_000)]);
                break;
            case "stack of marks":
                p.Raw([.. Enumerable.Repeat((byte)'(', 2_000_000)]);
                break;
            case "memo of values":
                p.Op('N');
                for (var i = 0; i < 1_100_000; i++)
                {
                    p.Op('r').Raw(BitConverter.GetBytes(i));
                }

                break;
            case "forgotten memo":
                p.Op('j').Raw(1, 2, 3, 4).Op('.');
                break;
            case "empty stack":
                p.Op('s').Op('.');
                break;
            case "no dictionary":
                p.Op(']').Op('.');
                break;
            case "no tensors":
                p.Op('}').Text("x").Int(1).Op('s').Op('.');
                break;
            case "state of a tensor":
                p.Op('}').Text("x").Tensor("FloatStorage", "0", 6, 0, [6], [1]).Op('}').Op('b').Op('s').Op('.');
                break;
            case "big-endian scalar":
                p.Global("numpy", "dtype").Text("f4").Raw(0x85).Op('R').Op('(').Int(3).Text(">").Op('N').Op('t').Op('b').Op('.');
                break;
            case "call of a tensor":
                p.Tensor("FloatStorage", "0", 6, 0, [6], [1]).Op(')').Op('R').Op('.');
                break;
            case "storage as text":
                p.Text("0").Op('Q').Op('.');
                break;
            case "one text encoded again and again":
                // Nine bytes a call: a text, the function and its arguments out of the memo.
                p.Text(new string('a', 1 << 20)).Raw((byte)'q', 0).Text("latin1").Raw((byte)'q', 1).Global("_codecs", "encode").Raw((byte)'q', 2);
                for (var i = 0; i < 2000; i++)
                {
                    p.Raw((byte)'h', 2, (byte)'h', 0, (byte)'h', 1, 0x86, (byte)'R');
                }

                p.Op('.');
                break;
            case "one list made a dictionary again and again":
                p.Op(']').Raw((byte)'q', 0).Op('(');
                for (var i = 0; i < 20_000; i++)
                {
                    p.Int(i).Int(i).Raw(0x86);
                }

                p.Op('e').Global("collections", "OrderedDict").Raw((byte)'q', 1);
                for (var i = 0; i < 2000; i++)
                {
                    p.Raw((byte)'h', 1, (byte)'h', 0, 0x85, (byte)'R');
                }

                p.Op('.');
                break;
            default:
                throw new InvalidOperationException(kind);
        }

        var path = Write(PickleWriter.Zip(p.ToArray(), [("0", Bytes(1f, 2, 3, 4, 5, 6))]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Equal(["checkpoint.pth"], _folder.GetFiles().Select(f => f.Name));
    }

    [Fact]
    public void One_storage_under_a_thousand_names_is_read_only_where_it_is_asked_for()
    {
        var bytes = new byte[4 << 20];
        var p = new PickleWriter().Op('}');
        for (var i = 0; i < 1000; i++)
        {
            p.Text("x" + i.ToString(CultureInfo.InvariantCulture)).Tensor("FloatStorage", "0", 1 << 20, 0, [1 << 20], [1]).Op('s');
        }

        var path = Write(PickleWriter.Zip(p.Op('.').ToArray(), [("0", bytes)]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var checkpoint = Checkpoint.Open(path);
        Assert.Equal(1000, checkpoint.Names.Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void A_compressed_bomb_is_refused_unopened()
    {
        var pickle = new PickleWriter().Op('}').Text("x").Tensor("FloatStorage", "0", 6, 0, [6], [1]).Op('s').Op('.').ToArray();
        var path = Write(PickleWriter.Zip(pickle, [("0", new byte[50_000_000])], CompressionLevel.Fastest));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path));
        Assert.Contains("compressed", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_changed_weight_is_found_by_its_checksum()
    {
        var pickle = new PickleWriter().Op('}').Text("x").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Op('s').Op('.').ToArray();
        var file = PickleWriter.Zip(pickle, [("0", "abcdefghijklmnop"u8.ToArray())]);
        file[file.AsSpan().IndexOf("abcdefghijklmnop"u8) + 3] ^= 1;
        using var checkpoint = Checkpoint.Open(Write(file));
        Assert.Contains("checksum", Assert.Throws<CheckpointException>(() => checkpoint["x"].ToFloats()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_checkpoint_is_said_so()
    {
        Assert.Contains("no PyTorch checkpoint", Message(Write([])), StringComparison.Ordinal);
        Assert.Contains("no PyTorch checkpoint", Message(Write("hello"u8.ToArray())), StringComparison.Ordinal);
        Assert.Contains("magic number", Message(Write(new PickleWriter().Op('}').Op('.').ToArray())), StringComparison.Ordinal);
        Assert.Contains("can't be opened", Message(Path.Combine(_folder.FullName, "absent.pth")), StringComparison.Ordinal);
        Assert.Contains("can't be opened", Message(_folder.FullName), StringComparison.Ordinal);

        static string Message(string path) => Assert.Throws<CheckpointException>(() => Checkpoint.Open(path)).Message;
    }

    [Fact]
    public void A_file_cut_anywhere_is_an_error()
    {
        var storage = Bytes(1f, 2, 3, 4, 5, 6);
        var zip = PickleWriter.Zip(
            new PickleWriter().Op('}').Text("x").Tensor("FloatStorage", "0", 6, 0, [6], [1]).Op('s').Op('.').ToArray(),
            [("0", storage)]);
        var legacy = PickleWriter.Legacy(
            new PickleWriter().Op('}').Text("x").Tensor("FloatStorage", "0", 6, 0, [6], [1], legacy: true).Op('s').Op('.').ToArray(),
            [("0", storage, CheckpointType.Float32)]);
        foreach (var whole in (byte[][])[zip, legacy])
        {
            for (var length = 0; length < whole.Length; length++)
            {
                var path = Write(whole[..length]);
                Assert.Throws<CheckpointException>(() => Checkpoint.Open(path));
            }
        }
    }

    [Fact]
    public void Random_damage_gives_an_error_of_ours_or_a_readable_checkpoint_but_nothing_else()
    {
        var random = new Random(20241);
        var storage = Bytes(1f, 2, 3, 4, 5, 6);
        PickleWriter Pickle(bool legacy) =>
            new PickleWriter()
                .Op('}')
                .Op('q')
                .Raw(1)
                .Text("x")
                .Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1], legacy)
                .Op('s')
                .Text("y")
                .Tensor("HalfStorage", "1", 12, 0, [12], [1], legacy)
                .Op('s')
                .Text("z")
                .Global("numpy.core.multiarray", "scalar")
                .Global("numpy", "dtype")
                .Text("f4")
                .Raw(0x89, 0x88, 0x87)
                .Op('R')
                .Op('(')
                .Int(3)
                .Text("<")
                .Op('N')
                .Op('t')
                .Op('b')
                .Global("_codecs", "encode")
                .Text("\0\0\0?")
                .Text("latin1")
                .Raw(0x86)
                .Op('R')
                .Raw(0x86)
                .Op('R')
                .Op('s')
                .Op('.');
        byte[][] originals =
        [
            PickleWriter.Zip(Pickle(false).ToArray(), [("0", storage), ("1", storage)]),
            PickleWriter.Legacy(Pickle(true).ToArray(), [("0", storage, CheckpointType.Float32), ("1", storage, CheckpointType.Float16)]),
        ];
        int refused = 0, read = 0;
        for (var round = 0; round < 600; round++)
        {
            var bytes = originals[round % 2].ToArray();
            if (round % 4 < 2)
            {
                // The pickle itself, so that the zip's own checksum doesn't catch every change of this kind.
                for (var n = random.Next(1, 6); n > 0; n--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }
            }
            else if (round % 4 == 2)
            {
                var pickle = Pickle(false).ToArray();
                for (var n = random.Next(1, 4); n > 0; n--)
                {
                    pickle[random.Next(2, pickle.Length)] = (byte)random.Next(256);
                }

                bytes = PickleWriter.Zip(pickle, [("0", storage), ("1", storage)]);
            }
            else
            {
                // A piece copied over another place.
                var length = random.Next(1, 40);
                Array.Copy(bytes, random.Next(bytes.Length - length), bytes, random.Next(bytes.Length - length), length);
            }

            var path = Write(bytes);
            try
            {
                using var checkpoint = Checkpoint.Open(path);
                foreach (var name in checkpoint.Names)
                {
                    _ = checkpoint[name].ToFloats();
                }

                read++;
            }
            catch (CheckpointException)
            {
                refused++;
            }
        }

        // Both must happen, or the damage proves nothing.
        Assert.InRange(refused, 120, 580);
        Assert.InRange(read, 20, 480);
    }

    private static byte[] Bytes(params float[] numbers) => MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();

    private string Write(byte[] bytes)
    {
        var path = Path.Combine(_folder.FullName, "checkpoint.pth");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
