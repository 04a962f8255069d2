using System.Numerics;
using HoverFast.Model;

namespace HoverFast.Tests.Nuclei;

/// <summary>Maps of ellipses as a perfect network would give them: coverage as probability, HV maps to the edges.</summary>
internal static class DrawnMaps
{
    public static NucleusMaps Of(int width, int height, params (float X, float Y, float Rx, float Ry)[] ellipses)
    {
        var maps = new NucleusMaps(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                const int samples = 8;
                var covered = 0;
                for (var j = 0; j < samples; j++)
                {
                    for (var i = 0; i < samples; i++)
                    {
                        var p = new Vector2(x + ((i + 0.5f) / samples), y + ((j + 0.5f) / samples));
                        covered += Array.Exists(ellipses, e => Distance(e, p) < 1) ? 1 : 0;
                    }
                }

                var at = (y * width) + x;
                maps.Probability[at] = (byte)MathF.Round(covered * 255f / (samples * samples));
                if (covered > 0)
                {
                    var centre = new Vector2(x + 0.5f, y + 0.5f);
                    var nearest = ellipses.MinBy(e => Distance(e, centre));
                    maps.Horizontal[at] = Hv((centre.X - nearest.X) / nearest.Rx);
                    maps.Vertical[at] = Hv((centre.Y - nearest.Y) / nearest.Ry);
                }
            }
        }

        return maps;
    }

    private static float Distance((float X, float Y, float Rx, float Ry) e, Vector2 p) =>
        new Vector2((p.X - e.X) / e.Rx, (p.Y - e.Y) / e.Ry).LengthSquared();

    private static sbyte Hv(float value) => (sbyte)Math.Clamp(MathF.Round(value * NucleusMaps.HvScale), -127, 127);
}
