namespace HoverFast.Model.Onnx;

/// <summary>A tensor in an <see cref="OnnxGraph"/>: an input, a constant, or what a node puts out. Only its graph makes one.</summary>
internal sealed class OnnxValue
{
    internal OnnxValue(string name) => Name = name;

    /// <summary>The tensor's name in the file; <see cref="OnnxGraph.Output"/> renames it.</summary>
    public string Name { get; internal set; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
