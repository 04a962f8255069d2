using System.Numerics;
using HoverFast.Quality;
using HoverFast.Slides;

namespace HoverFast.Pipeline;

/// <summary>What a journal's records of a slide must keep to; one that doesn't is not the slide's, whatever its checksum says.</summary>
/// <param name="Tiles">Tiles of the slide.</param>
/// <param name="Measurements">Measurements that each nucleus has.</param>
/// <param name="Slide">Level-0 pixels of the slide.</param>
/// <param name="Bounds">The part that coordinates count from.</param>
/// <param name="TileSide">Level-0 pixels on a side of the largest tile: no nucleus is longer.</param>
/// <param name="Um">Microns on a side of a level-0 pixel.</param>
internal sealed record JournalLimits(int Tiles, int Measurements, PixelSize Slide, PixelRect Bounds, double TileSide, double Um)
{
    /// <summary>How far beyond the slide an outline can reach, in pixels: it is found on a grid that the slide fills up to a pixel of its own.</summary>
    private const float Reach = 1000;

    /// <summary>No field has so many pixels that its sums come near.</summary>
    private const long MostSum = 1L << 50;

    /// <summary>Whether a point, counted from the corner of the bounds, can be one of an outline.</summary>
    public bool Allow(Vector2 point) =>
        point.X >= -Bounds.X - Reach && point.X <= Slide.Width - Bounds.X + Reach && point.Y >= -Bounds.Y - Reach && point.Y <= Slide.Height - Bounds.Y + Reach;

    /// <summary>Whether an outline can be a nucleus of one tile.</summary>
    public bool Allow(ReadOnlySpan<Vector2> outline)
    {
        if (outline.Length < 3)
        {
            return false;
        }

        var (least, most) = (outline[0], outline[0]);
        foreach (var point in outline)
        {
            if (!Allow(point))
            {
                return false;
            }

            (least, most) = (Vector2.Min(least, point), Vector2.Max(most, point));
        }

        return most.X - least.X <= TileSide && most.Y - least.Y <= TileSide;
    }

    /// <summary>Whether a field can lie on the slide, and its sums be sums.</summary>
    public bool Allow(FieldSums field)
    {
        return Within(field.Column, Slide.Width)
            && Within(field.Row, Slide.Height)
            && Array.TrueForAll(field.Values, v => v > -MostSum && v < MostSum)
            && Array.TrueForAll(field.Blocks, v => v >= 0);

        bool Within(int place, int pixels) => place >= -1 && place <= (pixels * Um / FieldSums.Side) + 1;
    }

    /// <summary>Whether a region can be a damaged one of level 0; tiles at an edge reach beyond it.</summary>
    public bool Allow(PixelRect region) =>
        region is { Width: > 0, Height: > 0 }
        && region.X <= Slide.Width
        && region.Y <= Slide.Height
        && (long)region.X + region.Width >= 0
        && (long)region.Y + region.Height >= 0;
}
