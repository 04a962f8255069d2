namespace HoverFast.Training.Data;

/// <summary>A training crop at working resolution: the picture and what the network should say of it.</summary>
internal sealed class Crop(int size, int targetStride)
{
    /// <summary>Planes of <see cref="Target"/>.</summary>
    public const int Planes = 5;

    /// <summary>Side of the picture in working pixels.</summary>
    public int Size { get; } = size;

    /// <summary>Side of the targets.</summary>
    public int TargetSize { get; } = size / targetStride;

    /// <summary>RGB interleaved, 0 to 1.</summary>
    public float[] Rgb { get; } = new float[size * size * 3];

    /// <summary>Planes of <see cref="TargetSize"/> squared: probability, horizontal, vertical, weight for the probability, weight for HV.</summary>
    public float[] Target { get; } = new float[Planes * (size / targetStride) * (size / targetStride)];
}
