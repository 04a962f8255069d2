using System.Text;
using Google.Protobuf;

namespace HoverFast.Tests.Cli.Telemetry;

/// <summary>A message of protobuf, read by the numbers of its fields (opentelemetry-proto 1.x, trace.proto and metrics.proto).</summary>
internal sealed class ProtobufFields
{
    private readonly List<(int Number, object Value)> _fields = [];

    /// <summary>Reads a message.</summary>
    public ProtobufFields(byte[] message)
    {
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            _fields.Add((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                WireFormat.WireType.Fixed32 => input.ReadFixed32(),
                _ => input.ReadBytes().ToByteArray(),
            }));
        }
    }

    /// <summary>The messages in a field.</summary>
    public IEnumerable<ProtobufFields> All(int number) => _fields.Where(f => f.Number == number).Select(f => new ProtobufFields((byte[])f.Value));

    /// <summary>The bytes of a field; empty where it is absent.</summary>
    public byte[] Bytes(int number) => _fields.Where(f => f.Number == number).Select(f => (byte[])f.Value).SingleOrDefault() ?? [];

    /// <summary>The text of a field.</summary>
    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number));

    /// <summary>The integer of a field; 0 where it is absent.</summary>
    public ulong Number(int number) => (ulong)(_fields.Where(f => f.Number == number).Select(f => f.Value).SingleOrDefault() ?? 0UL);

    /// <summary>The real number of a field; null where it is absent.</summary>
    public double? Real(int number) => _fields.Any(f => f.Number == number) ? BitConverter.UInt64BitsToDouble(Number(number)) : null;

    /// <summary>The attributes in a field: text, a truth value, a whole number or a real one.</summary>
    public IReadOnlyDictionary<string, object> Attributes(int number) => All(number).ToDictionary(
        a => a.Text(1),
        a => a.All(2).Single()._fields.Single() switch
        {
            (1, byte[] text) => (object)Encoding.UTF8.GetString(text),
            (2, ulong truth) => truth != 0,
            (3, ulong whole) => (long)whole,
            (4, ulong bits) => BitConverter.UInt64BitsToDouble(bits),
            var other => throw new InvalidDataException($"attribute of kind {other.Number}"),
        },
        StringComparer.Ordinal);
}
