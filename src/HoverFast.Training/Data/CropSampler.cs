using System.Numerics;
using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>
/// Draws augmented crops. Crop number n depends on the seed and n alone, so a resumed run goes on with the same crops.
/// Sets are drawn by their weights; within a set, each organ or patient counts with the square root of its images.
/// </summary>
internal sealed class CropSampler
{
    private readonly List<(LabelledImage Image, SoftBlend Blend, double Cumulative)> _images = [];
    private readonly Augmentation _augmentation;
    private readonly ulong _seed;
    private readonly int _size;
    private readonly int _targetStride;
    private readonly double _gapWeight;
    private readonly Mpp _workingMpp;
    private readonly bool _typed;

    public CropSampler(
        IReadOnlyList<DataSet> sets,
        Augmentation augmentation,
        ulong seed,
        int size,
        int targetStride,
        Mpp workingMpp,
        double gapWeight,
        SoftTargetSettings? soft = null,
        bool typed = false)
    {
        _typed = typed;
        soft ??= new SoftTargetSettings();
        (_augmentation, _seed, _size, _targetStride, _workingMpp, _gapWeight) = (augmentation, seed, size, targetStride, workingMpp, gapWeight);
        var cumulative = 0.0;
        var total = sets.Sum(s => s.Configuration.Weight);
        foreach (var set in sets)
        {
            var blend = new SoftBlend(set.Configuration.Mix ?? soft.Mix, soft);
            var groups = set.Images.GroupBy(i => i.Group).ToDictionary(g => g.Key, g => g.Count());
            var share = groups.Values.Sum(n => Math.Sqrt(n));
            foreach (var image in set.Images)
            {
                cumulative += set.Configuration.Weight / total / Math.Sqrt(groups[image.Group]) / share;
                _images.Add((image, blend, cumulative));
            }
        }
    }

    public Crop Draw(long number)
    {
        var random = new Random(unchecked((int)((_seed * 0x9E3779B97F4A7C15UL) + ((ulong)number * 0xBF58476D1CE4E5B9UL) >> 17)));
        var pick = random.NextDouble() * _images[^1].Cumulative;
        var index = _images.FindIndex(i => i.Cumulative >= pick);
        var (image, blend, _) = _images[Math.Max(0, index)];
        var crop = new Crop(_size, _targetStride, _typed);
        var placement = Place(image, random);
        Picture(image, placement, crop);
        Targets(image, blend, placement, crop);
        ColourAugmenter.Apply(crop, _augmentation, random);
        return crop;
    }

    // Working pixel offsets from the crop's centre -> image pixels.
    private Placement Place(LabelledImage image, Random random)
    {
        var a = _augmentation;
        var zoom = Math.Exp(Uniform(random, Math.Log(a.MinScale), Math.Log(a.MaxScale)));
        var step = _workingMpp.MicronsPerPixel / image.Mpp.MicronsPerPixel / zoom;
        var angle = random.NextDouble() < a.FreeTurns ? random.NextDouble() * Math.Tau : random.Next(4) * Math.PI / 2;
        var stretch = Math.Exp(Uniform(random, -a.Stretch, a.Stretch) / 2);
        var flip = random.Next(2) == 0 ? -1 : 1;
        var (sin, cos) = Math.SinCos(angle);
        var matrix = new Matrix3x2(
            (float)(flip * cos * step * stretch),
            (float)(flip * sin * step * stretch),
            (float)(-sin * step / stretch),
            (float)(cos * step / stretch),
            0,
            0);
        var half = (float)(_size * step / 2);
        matrix.Translation = new Vector2(Centre(image.Image.Width), Centre(image.Image.Height));
        return new Placement(matrix, (float)step);

        float Centre(int side) => side <= 2 * half ? side / 2f : half + ((side - (2 * half)) * random.NextSingle());
    }

    // Area averaging: each working pixel is the mean of samples spread evenly over its footprint.
    private static void Picture(LabelledImage image, Placement placement, Crop crop)
    {
        var samples = Math.Max(2, (int)Math.Ceiling(placement.Step - 0.01));
        var pixels = image.Image.Pixels;
        var (width, height) = (image.Image.Width, image.Image.Height);
        var scale = 1f / (255f * samples * samples);
        for (var v = 0; v < crop.Size; v++)
        {
            for (var u = 0; u < crop.Size; u++)
            {
                float r = 0, g = 0, b = 0;
                for (var j = 0; j < samples; j++)
                {
                    for (var i = 0; i < samples; i++)
                    {
                        var p = placement.ToImage(u + ((i + 0.5f) / samples) - (crop.Size / 2f), v + ((j + 0.5f) / samples) - (crop.Size / 2f));
                        var at = ((Mirrored((int)MathF.Floor(p.Y), height) * width) + Mirrored((int)MathF.Floor(p.X), width)) * 3;
                        r += pixels[at];
                        g += pixels[at + 1];
                        b += pixels[at + 2];
                    }
                }

                var o = ((v * crop.Size) + u) * 3;
                crop.Rgb[o] = r * scale;
                crop.Rgb[o + 1] = g * scale;
                crop.Rgb[o + 2] = b * scale;
            }
        }
    }

    private void Targets(LabelledImage image, SoftBlend blend, Placement placement, Crop crop)
    {
        var side = crop.TargetSize;
        var plane = side * side;
        var step = crop.Size / side;
        var samples = Math.Max(3, (int)Math.Ceiling(placement.Step * step));
        var labels = image.Labels.Labels;
        var (width, height) = (image.Image.Width, image.Image.Height);
        var ids = new int[plane];
        var points = new Vector2[samples * samples];
        var extents = new Dictionary<int, Extent>();
        for (var v = 0; v < side; v++)
        {
            for (var u = 0; u < side; u++)
            {
                var o = (v * side) + u;
                var centre = Offset(u + 0.5f, v + 0.5f);
                var p = placement.ToImage(centre.X, centre.Y);
                var (x, y) = ((int)MathF.Floor(p.X), (int)MathF.Floor(p.Y));
                if (x < 0 || y < 0 || x >= width || y >= height)
                {
                    continue; // mirrored surroundings give context but teach nothing
                }

                if (image.Unsure is { } unsure && unsure.Labels[(y * width) + x] != 0)
                {
                    continue;
                }

                var inside = 0;
                for (var j = 0; j < samples; j++)
                {
                    for (var i = 0; i < samples; i++)
                    {
                        var s = Offset(u + ((i + 0.5f) / samples), v + ((j + 0.5f) / samples));
                        var q = placement.ToImage(s.X, s.Y);
                        points[(j * samples) + i] = q;
                        var (qx, qy) = (Math.Clamp((int)MathF.Floor(q.X), 0, width - 1), Math.Clamp((int)MathF.Floor(q.Y), 0, height - 1));
                        inside += labels[(qy * width) + qx] != 0 ? 1 : 0;
                    }
                }

                var coverage = inside / (float)(samples * samples);
                var weight = image.Soft is null ? 1 : blend.Weight(image.Soft, p);
                crop.Target[o] = image.Soft is null ? coverage : blend.Probability(coverage, image.Soft, points);
                crop.Target[(3 * plane) + o] = weight;
                var id = labels[(y * width) + x];
                ids[o] = id;
                if (id == 0)
                {
                    continue;
                }

                if (crop.Types is { } types)
                {
                    types[o] = image.TypeOf(id);
                }

                if (!extents.TryGetValue(id, out var extent))
                {
                    extents[id] = extent = Extent.Of(image.Instances[id], placement);
                }

                crop.Target[plane + o] = extent.Horizontal(centre.X);
                crop.Target[(2 * plane) + o] = extent.Vertical(centre.Y);
                crop.Target[(4 * plane) + o] = weight;
                if (image.Soft is not null)
                {
                    blend.Hv(ref crop.Target[plane + o], ref crop.Target[(2 * plane) + o], image.Soft, p, placement.Matrix);
                }
            }
        }

        WeighGaps(ids, crop, side);

        Vector2 Offset(float u, float v) => new((u * step) - (crop.Size / 2f), (v * step) - (crop.Size / 2f));
    }

    // U-Net's idea (Ronneberger et al., 2015) in its simplest form: pixels with two different nuclei close by count more.
    private void WeighGaps(int[] ids, Crop crop, int side)
    {
        const int reach = 2;
        var weights = crop.Target.AsSpan(3 * side * side, side * side);
        for (var v = reach; v < side - reach; v++)
        {
            for (var u = reach; u < side - reach; u++)
            {
                int first = 0, second = 0;
                for (var dy = -reach; dy <= reach && second == 0; dy++)
                {
                    for (var dx = -reach; dx <= reach; dx++)
                    {
                        var id = ids[((v + dy) * side) + u + dx];
                        if (id != 0 && first == 0)
                        {
                            first = id;
                        }
                        else if (id != 0 && id != first)
                        {
                            second = id;
                            break;
                        }
                    }
                }

                if (second != 0)
                {
                    weights[(v * side) + u] *= 1 + (float)_gapWeight;
                }
            }
        }
    }

    /// <summary>A place beyond a side's ends as its mirror image within.</summary>
    /// <param name="i">The place.</param>
    /// <param name="n">The side.</param>
    internal static int Mirrored(int i, int n)
    {
        if ((uint)i < (uint)n)
        {
            return i;
        }

        var period = 2 * n;
        i = ((i % period) + period) % period;
        return i < n ? i : period - 1 - i;
    }

    private static double Uniform(Random random, double low, double high) => low + (random.NextDouble() * (high - low));

    private readonly record struct Placement(Matrix3x2 Matrix, float Step)
    {
        public Vector2 ToImage(float x, float y) => Vector2.Transform(new Vector2(x, y), Matrix);
    }

    // HV maps as HoVer-Net defines them: distance to the centre of mass, divided by the largest such distance on that side.
    private readonly record struct Extent(Vector2 Centre, float Left, float Right, float Up, float Down)
    {
        public static Extent Of(LabelledImage.Instance instance, Placement placement)
        {
            _ = Matrix3x2.Invert(placement.Matrix, out var inverse);
            var centre = Vector2.Transform(instance.Centroid, inverse);
            float left = 0.5f, right = 0.5f, up = 0.5f, down = 0.5f;
            foreach (var point in instance.Rim)
            {
                var d = Vector2.Transform(point, inverse) - centre;
                left = MathF.Max(left, -d.X);
                right = MathF.Max(right, d.X);
                up = MathF.Max(up, -d.Y);
                down = MathF.Max(down, d.Y);
            }

            return new Extent(centre, left, right, up, down);
        }

        public float Horizontal(float x) => Math.Clamp((x - Centre.X) / (x < Centre.X ? Left : Right), -1, 1);

        public float Vertical(float y) => Math.Clamp((y - Centre.Y) / (y < Centre.Y ? Up : Down), -1, 1);
    }
}
