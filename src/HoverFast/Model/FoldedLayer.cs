namespace HoverFast.Model;

/// <summary>A convolution ready for inference: batch norm is folded into it.</summary>
/// <param name="Weight">(out, in, k, k), row-major.</param>
/// <param name="Bias">(out).</param>
internal sealed record FoldedLayer(float[] Weight, float[] Bias);
