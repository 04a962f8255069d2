namespace HoverFast.Model.Onnx;

/// <summary>One operation of an <see cref="OnnxGraph"/>. A null input stands for an optional one that is left out.</summary>
internal sealed record OnnxNode(string Operator, IReadOnlyList<OnnxValue?> Inputs, IReadOnlyList<OnnxValue> Outputs, IReadOnlyList<OnnxAttribute> Attributes)
{
    public long Int(string name, long otherwise) =>
        Attributes.FirstOrDefault(a => a.Name == name) is { } a ? a.Proto.I : otherwise;

    public long[]? Ints(string name) => Attributes.FirstOrDefault(a => a.Name == name)?.Proto.Ints.ToArray();
}
