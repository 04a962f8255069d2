using Google.Protobuf;
using HoverFast.Model.Onnx.Wire;

namespace HoverFast.Model.Onnx;

/// <summary>A named constant of a node, such as the strides of a convolution.</summary>
internal sealed class OnnxAttribute
{
    internal OnnxAttribute(AttributeProto proto) => Proto = proto;

    /// <summary>An integer.</summary>
    public OnnxAttribute(string name, long value)
        : this(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value })
    {
    }

    /// <summary>A real number.</summary>
    public OnnxAttribute(string name, float value)
        : this(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value })
    {
    }

    /// <summary>A word.</summary>
    public OnnxAttribute(string name, string value)
        : this(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) })
    {
    }

    /// <summary>A list of integers.</summary>
    public OnnxAttribute(string name, params long[] values)
        : this(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } })
    {
    }

    /// <summary>The attribute's name in the operator's specification.</summary>
    public string Name => Proto.Name;

    internal AttributeProto Proto { get; }
}
