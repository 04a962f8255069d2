using System.Numerics;
using HoverFast.Model;

namespace HoverFast.Training.Data;

/// <summary>Blends a teacher's soft maps into targets that were made from labels.</summary>
internal sealed class SoftBlend
{
    /// <summary>No pixel is left out altogether: where the teacher wavers, labels still teach a little.</summary>
    private const float LeastWeight = 0.05f;

    /// <summary>How far an axis of the crop may turn away from an axis of the image for the HV maps to be taken over.</summary>
    private const float Turned = 1e-3f;

    private readonly float _mix;
    private readonly float[] _probability = new float[256];
    private readonly float[] _weight = new float[256];

    public SoftBlend(double mix, SoftTargetSettings settings)
    {
        _mix = (float)mix;
        for (var i = 0; i < 256; i++)
        {
            var p = Math.Clamp(i / (double)NucleusMaps.ProbabilityScale, 0.001, 0.999);
            _probability[i] =
                i is 0 or 255 && settings.Temperature == 1 ? i / 255f : (float)(1 / (1 + Math.Exp(-Math.Log(p / (1 - p)) / settings.Temperature)));
            _weight[i] = MathF.Max(LeastWeight, (float)Math.Pow(i / 255.0, settings.Filter));
        }
    }

    /// <summary>Blends the probability: the mean over sample points of the target pixel.</summary>
    /// <param name="hard">Share of the target pixel that labels cover.</param>
    /// <param name="soft">The teacher.</param>
    /// <param name="samples">The sample points, in image pixels.</param>
    public float Probability(float hard, SoftTarget soft, ReadOnlySpan<Vector2> samples)
    {
        var sum = 0f;
        foreach (var point in samples)
        {
            sum += _probability[soft.Maps.Maps.Probability[soft.IndexAt(point)]];
        }

        return (hard * (1 - _mix)) + (sum / samples.Length * _mix);
    }

    /// <summary>Weight of a target pixel whose centre is at this image point.</summary>
    public float Weight(SoftTarget soft, Vector2 point) => _weight[soft.Maps.Agreement[soft.IndexAt(point)]];

    /// <summary>Blends the HV maps. They follow their axes, so the teacher's count only where the crop is turned by quarters.</summary>
    /// <param name="horizontal">Target made from labels; blended in place.</param>
    /// <param name="vertical">Likewise.</param>
    /// <param name="soft">The teacher.</param>
    /// <param name="point">The pixel's centre in image pixels.</param>
    /// <param name="axes">The linear map from crop to image.</param>
    public void Hv(ref float horizontal, ref float vertical, SoftTarget soft, Vector2 point, Matrix3x2 axes)
    {
        var i = soft.IndexAt(point);
        var h = soft.Maps.Maps.Horizontal[i] / (float)NucleusMaps.HvScale;
        var v = soft.Maps.Maps.Vertical[i] / (float)NucleusMaps.HvScale;
        var size = MathF.Abs(axes.M11) + MathF.Abs(axes.M12);
        if (MathF.Abs(axes.M12) < Turned * size && MathF.Abs(axes.M21) < Turned * size)
        {
            (h, v) = (MathF.Sign(axes.M11) * h, MathF.Sign(axes.M22) * v);
        }
        else if (MathF.Abs(axes.M11) < Turned * size && MathF.Abs(axes.M22) < Turned * size)
        {
            (h, v) = (MathF.Sign(axes.M12) * v, MathF.Sign(axes.M21) * h);
        }
        else
        {
            return;
        }

        horizontal = (horizontal * (1 - _mix)) + (h * _mix);
        vertical = (vertical * (1 - _mix)) + (v * _mix);
    }
}
