using System.Numerics;

namespace HoverFast.Training.Data;

/// <summary>A teacher's answer to a labelled image.</summary>
/// <param name="Maps">The answer.</param>
/// <param name="Scale">Image pixels on a side of one of its pixels.</param>
internal sealed record SoftTarget(SoftMaps Maps, double Scale)
{
    private readonly float _inverse = (float)(1 / Scale);

    /// <summary>The map pixel at an image point; beyond the edge the nearest.</summary>
    public int IndexAt(Vector2 point)
    {
        var x = Math.Clamp((int)MathF.Floor(point.X * _inverse), 0, Maps.Width - 1);
        var y = Math.Clamp((int)MathF.Floor(point.Y * _inverse), 0, Maps.Height - 1);
        return (y * Maps.Width) + x;
    }
}
