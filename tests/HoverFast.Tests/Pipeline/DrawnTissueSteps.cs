using System.Numerics;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tiles;
using Xunit;

namespace HoverFast.Tests.Pipeline;

/// <summary>A slide of dark discs on pink, a network that is a threshold, and nuclei that are connected components.</summary>
internal sealed class DrawnTissueSteps : ITileSteps
{
    private readonly Dictionary<(int X, int Y), List<(int X, int Y, int Radius)>> _discs = [];

    public DrawnTissueSteps(int width, int height, int seed)
    {
        var random = new Random(seed);
        for (var y = 10; y < height - 10; y += 40)
        {
            for (var x = 10; x < width - 10; x += 40)
            {
                Add(x + random.Next(-6, 7), y + random.Next(-6, 7), random.Next(3, 10));
            }
        }
    }

    public int Count { get; private set; }

    /// <summary>Grey of what is no disc.</summary>
    public byte Glass { get; init; } = 200;

    /// <summary>Level-0 region that can't be read, or none.</summary>
    public PixelRect? Damage { get; init; }

    /// <summary>Runs at the start of each network call, to disturb the order of things.</summary>
    public Action? OnInfer { get; init; }

    /// <summary>Draws another disc.</summary>
    public void Add(int x, int y, int radius)
    {
        var list = _discs.TryGetValue((x / 100, y / 100), out var known) ? known : _discs[(x / 100, y / 100)] = [];
        list.Add((x, y, radius));
        Count++;
    }

    /// <summary>Rows of a band.</summary>
    public int BandRows { get; init; } = int.MaxValue;

    /// <summary>Whether the network takes tiles in bands, looking so many rows beyond what it answers for.</summary>
    public int? LooksAhead { get; init; }

    /// <summary>The most rows of a tile that the network was shown at once.</summary>
    public int MostRows { get; private set; }

    public IReadOnlyList<Tile> Bands(Tile tile) => tile.InBands(BandRows, 8);

    public IBandNetwork? StartBands(WorkingRect rect) => LooksAhead is { } rows ? new BandThreshold(this, rect, rows) : null;

    public void Read(WorkingRect rect, RgbImage destination)
    {
        if (Damage is { } damage && damage.Intersect(new PixelRect(rect.X, rect.Y, rect.Width, rect.Height)) is { Width: > 0, Height: > 0 })
        {
            throw new SlideException("drawn.svs", $"can't decode the tile at {damage.X}, {damage.Y}.") { Region = damage };
        }

        destination.Span.Fill(Glass);
        for (var by = (rect.Y / 100) - 1; by <= (rect.Bottom / 100) + 1; by++)
        {
            for (var bx = (rect.X / 100) - 1; bx <= (rect.Right / 100) + 1; bx++)
            {
                foreach (var (x, y, radius) in _discs.GetValueOrDefault((bx, by), []))
                {
                    Draw(destination, x - rect.X, y - rect.Y, radius);
                }
            }
        }
    }

    public NucleusMaps Infer(RgbImage tile, WorkingRect rect)
    {
        OnInfer?.Invoke();
        var maps = new NucleusMaps(tile.Width, tile.Height);
        Threshold(tile, maps, 0, tile.Height);
        return maps;
    }

    public MapBlock? Finish(NucleusMaps maps, Tile tile) => null;

    public FoundNuclei Find(NucleusMaps maps, RgbImage picture, Tile tile)
    {
        var nuclei = new List<Nucleus>();
        var seen = new bool[maps.Width * maps.Height];
        var component = new List<int>();
        for (var start = 0; start < seen.Length; start++)
        {
            if (seen[start] || maps.Probability[start] == 0)
            {
                continue;
            }

            component.Clear();
            Add(start);
            for (var i = 0; i < component.Count; i++)
            {
                var (y, x) = Math.DivRem(component[i], maps.Width);
                Visit(x - 1, y);
                Visit(x + 1, y);
                Visit(x, y - 1);
                Visit(x, y + 1);
            }

            nuclei.Add(Outline(component, maps.Width));
        }

        return new FoundNuclei(nuclei, []);

        void Visit(int x, int y)
        {
            if (x >= 0 && y >= 0 && x < maps.Width && y < maps.Height && !seen[(y * maps.Width) + x] && maps.Probability[(y * maps.Width) + x] > 0)
            {
                Add((y * maps.Width) + x);
            }
        }

        void Add(int i)
        {
            seen[i] = true;
            component.Add(i);
        }
    }

    public bool IsInTissue(double workingX, double workingY) => true;

    public float[] Measure(RgbImage tile, Nucleus nucleus, WorkingRect input) =>
        [(float)nucleus.Area, tile.Row((int)nucleus.Centroid.Y)[3 * (int)nucleus.Centroid.X]];

    public Nucleus ToSlide(Nucleus nucleus, WorkingRect input) => nucleus.Transformed(2, 2.0 * input.X, 2.0 * input.Y);

    public SeamReconciler Seams(IReadOnlyList<Tile> tiles) => new(tiles, 2, 0, 0);

    private static void Threshold(RgbImage picture, NucleusMaps maps, int from, int to)
    {
        for (var i = from * picture.Width; i < to * picture.Width; i++)
        {
            maps.Probability[i] = picture.Pixels[3 * i] < 128 ? (byte)255 : (byte)0;
        }
    }

    private static Nucleus Outline(List<int> component, int width)
    {
        var left = component.Min(i => i % width);
        var right = component.Max(i => i % width) + 1;
        var top = component.Min(i => i / width);
        var bottom = component.Max(i => i / width) + 1;
        return new Nucleus([new(left, top), new(right, top), new(right, bottom), new(left, bottom)])
        {
            Centroid = new Vector2((float)component.Average(i => i % width) + 0.5f, (float)component.Average(i => i / width) + 0.5f),
            Area = component.Count,
            MeanProbability = 1,
            BoundaryConfidence = 1,
        };
    }

    private static void Draw(RgbImage picture, int cx, int cy, int radius)
    {
        for (var y = Math.Max(0, cy - radius); y <= Math.Min(picture.Height - 1, cy + radius); y++)
        {
            for (var x = Math.Max(0, cx - radius); x <= Math.Min(picture.Width - 1, cx + radius); x++)
            {
                if (((x - cx) * (x - cx)) + ((y - cy) * (y - cy)) <= radius * radius)
                {
                    picture.Row(y).Slice(3 * x, 3).Fill(60);
                }
            }
        }
    }

    /// <summary>The threshold on its way down a tile, sixteen rows at a time.</summary>
    private sealed class BandThreshold(DrawnTissueSteps steps, WorkingRect rect, int ahead) : IBandNetwork
    {
        private int _made;

        public int OutputStride => 1;

        public bool TellsTypes => false;

        public (int Made, int Needed) Reach(int row)
        {
            var made = Math.Min((row + 15) / 16 * 16, rect.Height);
            return (made, Math.Min(made + ahead, rect.Height));
        }

        public void Infer(RgbImage picture, NucleusMaps maps, int top, int to)
        {
            steps.OnInfer?.Invoke();
            Assert.True(top <= _made && to <= top + maps.Height && Reach(to).Needed <= top + picture.Height, $"{top} {_made} {to}");
            steps.MostRows = Math.Max(steps.MostRows, picture.Height);
            Threshold(picture, maps, _made - top, to - top);
            _made = to;
        }

        public void Dispose()
        {
        }
    }
}
