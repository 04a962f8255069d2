namespace HoverFast.Training.Data;

/// <summary>A training crop at working resolution: the picture and what the network should say of it.</summary>
internal sealed class Crop(int size, int targetStride, bool typed = false)
{
    /// <summary>Planes of <see cref="Target"/>.</summary>
    public const int Planes = 5;

    /// <summary>Side of the picture in working pixels.</summary>
    public int Size { get; } = size;

    /// <summary>Side of the targets.</summary>
    public int TargetSize { get; } = size / targetStride;

    /// <summary>RGB interleaved, 0 to 1.</summary>
    public float[] Rgb { get; } = new float[size * size * 3];

    /// <summary>Number of each pixel's nucleus type, from 1; 0 where there is no nucleus or its type isn't known. Null where no types are learned.</summary>
    public byte[]? Types { get; } = typed ? new byte[(size / targetStride) * (size / targetStride)] : null;

    /// <summary>Planes of <see cref="TargetSize"/> squared: probability, horizontal, vertical, weight for the probability, weight for HV.</summary>
    public float[] Target { get; } = new float[Planes * (size / targetStride) * (size / targetStride)];
}
