using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Synthetic;

/// <summary>
/// Tissue drawn by the program, stained as if with haematoxylin and eosin: pink fibres and glands, purple nuclei with chromatin, rims and
/// nucleoli, some faint, some touching. The same for the same seed. It is no substitute for real tissue when accuracy is judged, but
/// every nucleus is known, and nobody's licence is needed.
/// </summary>
internal sealed class DrawnTissue
{
    private const float Glass = 0.02f;

    // Optical densities of the pure stains (Ruifrok and Johnston 2001), eosin a little warmer.
    private static readonly float[] _haematoxylin = [0.65f, 0.70f, 0.29f];
    private static readonly float[] _eosin = [0.14f, 0.97f, 0.26f];

    private DrawnTissue(RgbImage image, LabelImage labels, IReadOnlyList<DrawnNucleus> nuclei, Mpp mpp)
    {
        Image = image;
        Labels = labels;
        Nuclei = nuclei;
        Mpp = mpp;
    }

    /// <summary>The picture.</summary>
    public RgbImage Image { get; }

    /// <summary>Which nucleus each pixel belongs to: label n is <see cref="Nuclei"/>[n - 1].</summary>
    public LabelImage Labels { get; }

    /// <summary>The nuclei.</summary>
    public IReadOnlyList<DrawnNucleus> Nuclei { get; }

    /// <summary>The picture's pixel size.</summary>
    public Mpp Mpp { get; }

    /// <summary>Draws tissue.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="mpp">Pixel size; decides how large the nuclei are.</param>
    /// <param name="seed">Chooses everything else.</param>
    /// <param name="endless">
    /// True fills the picture so that opposite edges fit together (it can be laid side by side without a seam); false leaves white glass around the tissue.
    /// </param>
    public static DrawnTissue Draw(int width, int height, Mpp mpp, int seed, bool endless = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 16);
        var drawing = new Drawing(width, height, (float)(1 / mpp.MicronsPerPixel), seed, endless);
        drawing.Background();
        drawing.PlaceNuclei();
        return new DrawnTissue(drawing.Develop(), drawing.Labels, drawing.Nuclei, mpp);
    }

    /// <summary>The stains' concentrations while they are laid down.</summary>
    private sealed class Drawing
    {
        private readonly int _width;
        private readonly int _height;
        private readonly float _pixelsPerMicron;
        private readonly bool _endless;
        private readonly float[] _h;
        private readonly float[] _e;
        private readonly float _strength;
        private readonly NoiseField _glands;
        private readonly NoiseField _gaps;
        private readonly NoiseField _direction;
        private readonly NoiseField _chromatin;
        private readonly NoiseField _outline;
        private readonly ulong _seed;
        private SeededRandom _random;

        public Drawing(int width, int height, float pixelsPerMicron, int seed, bool endless)
        {
            _width = width;
            _height = height;
            _pixelsPerMicron = pixelsPerMicron;
            _endless = endless;
            _seed = ((ulong)(uint)seed * 0x9E3779B97F4A7C15) + 1;
            _random = new SeededRandom(_seed);
            _h = new float[width * height];
            _e = new float[width * height];
            _strength = _random.Between(0.8f, 1.2f);
            Labels = new LabelImage(width, height);
            _glands = Field(70, 70);
            _gaps = Field(55, 40);
            _direction = Field(90, 90);
            _chromatin = Field(0.9f, 0.9f);
            _outline = Field(40, 40);
        }

        public LabelImage Labels { get; }

        public List<DrawnNucleus> Nuclei { get; } = [];

        public void Background()
        {
            var cloud = Field(25, 25);
            var fibre = Field(30, 2.2f);
            var grain = Field(1.6f, 1.6f);
            Parallel.For(0, _height, y =>
            {
                var row = new float[_width];
                var gland = new float[_width];
                cloud.AddRow(y, 0.22f, row);
                fibre.AddRow(y, 0.20f, row);
                grain.AddRow(y, 0.12f, row);
                _glands.AddRow(y, 1, gland);
                for (var x = 0; x < _width; x++)
                {
                    var tissue = Tissue(x, y);

                    // Glands are paler and a little blue (cytoplasm), stroma is pink.
                    var isGland = Step(0.5f, 0.6f, gland[x]);
                    _e[(y * _width) + x] = tissue * _strength * (0.12f + row[x]) * (1 - (0.35f * isGland));
                    _h[(y * _width) + x] = tissue * _strength * (0.05f + (0.09f * isGland) + (0.05f * row[x]));
                }
            });
        }

        public void PlaceNuclei()
        {
            // One place in every cell of a jittered grid, taken with a probability that depends on the tissue there.
            var spacing = 9.5f * _pixelsPerMicron;
            var columns = Math.Max(1, (int)(_width / spacing));
            var rows = Math.Max(1, (int)(_height / spacing));
            for (var r = 0; r < rows; r++)
            {
                for (var c = 0; c < columns; c++)
                {
                    var x = (c + _random.Between(0.1f, 0.9f)) * _width / columns;
                    var y = (r + _random.Between(0.1f, 0.9f)) * _height / rows;
                    var gland = Step(0.5f, 0.6f, _glands.At((int)x, (int)y));
                    var taken = _random.NextUnit() < 0.3f + (0.5f * gland);
                    if (taken && Tissue((int)x, (int)y) > 0.8f)
                    {
                        PlaceNucleus(x, y, gland > 0.5f);
                    }
                }
            }
        }

        public RgbImage Develop()
        {
            var image = new RgbImage(_width, _height);
            Parallel.For(0, _height, y =>
            {
                var noise = new SeededRandom(_seed ^ ((ulong)(y + 1) * 0xD6E8FEB86659FD93));
                for (var x = 0; x < _width; x++)
                {
                    var h = Soft(_h, x, y);
                    var e = Soft(_e, x, y);
                    var bits = noise.Next();
                    for (var c = 0; c < 3; c++)
                    {
                        var density = Glass + (h * _haematoxylin[c]) + (e * _eosin[c]);
                        var grain = ((bits >> (c * 8)) & 0xFF) / 255f * 5;
                        image.Pixels[(((y * _width) + x) * 3) + c] = (byte)Math.Clamp((250 * MathF.Exp(-density)) + grain, 0, 255);
                    }
                }
            });
            return image;
        }

        private static float Step(float from, float to, float value)
        {
            var t = Math.Clamp((value - from) / (to - from), 0, 1);
            return t * t * (3 - (2 * t));
        }

        private NoiseField Field(float micronsX, float micronsY) =>
            new(_width, _height, MathF.Max(1, micronsX * _pixelsPerMicron), MathF.Max(1, micronsY * _pixelsPerMicron), _random.Next());

        /// <summary>0 on glass and in gaps, 1 in tissue.</summary>
        private float Tissue(int x, int y)
        {
            x = Wrap(x, _width);
            y = Wrap(y, _height);
            var tissue = 1 - Step(0.72f, 0.76f, _gaps.At(x, y));
            if (_endless)
            {
                return tissue;
            }

            var edge = MathF.Min(MathF.Min(x, _width - 1 - x) / _width, MathF.Min(y, _height - 1 - y) / (float)_height);
            return tissue * Step(0.07f, 0.075f, edge + (0.08f * _outline.At(x, y)) - 0.02f);
        }

        private void PlaceNucleus(float x, float y, bool gland)
        {
            var major = (gland ? _random.Between(3.2f, 5.2f) : _random.Between(3.5f, 6.5f)) * _pixelsPerMicron;
            var aspect = gland ? _random.Between(1.0f, 1.5f) : _random.Between(1.5f, 3.0f);
            var angle = gland ? _random.Between(0, MathF.PI) : (_direction.At((int)x, (int)y) * 4) + _random.Between(-0.3f, 0.3f);
            var density = _random.NextUnit() < 0.12f ? _random.Between(0.3f, 0.45f) : _random.Between(0.65f, 1.25f);
            var isClump = _random.NextUnit() < 0.12f;
            DrawNucleus(x, y, major, major / aspect, angle, density);
            if (isClump)
            {
                // A neighbour that touches it.
                var minor = major / aspect;
                DrawNucleus(
                    x - (MathF.Sin(angle) * minor * 1.95f),
                    y + (MathF.Cos(angle) * minor * 1.95f),
                    major * 0.9f,
                    minor * 0.95f,
                    angle + _random.Between(-0.3f, 0.3f),
                    density);
            }
        }

        private void DrawNucleus(float x, float y, float major, float minor, float angle, float density)
        {
            var (sin, cos) = MathF.SinCos(angle);
            var (wave2, phase2) = (_random.Between(0, 0.06f), _random.Between(0, 6.28f));
            var (wave3, phase3) = (_random.Between(0, 0.05f), _random.Between(0, 6.28f));
            var hasNucleolus = _random.NextUnit() < 0.4f;
            var (nucleolusU, nucleolusV) = (_random.Between(-0.4f, 0.4f), _random.Between(-0.4f, 0.4f));
            var reach = (int)MathF.Ceiling((major * 1.15f) + 2);
            var (left, top) = ((int)x - reach, (int)y - reach);
            if (!_endless && (left < 0 || top < 0 || left + (2 * reach) >= _width || top + (2 * reach) >= _height))
            {
                return;
            }

            var pixels = new List<(int At, float Inside, float Radius, float U, float V)>();
            var own = 0;
            var taken = 0;
            for (var py = top; py <= top + (2 * reach); py++)
            {
                for (var px = left; px <= left + (2 * reach); px++)
                {
                    var (dx, dy) = (px + 0.5f - x, py + 0.5f - y);
                    var u = ((dx * cos) + (dy * sin)) / major;
                    var v = ((dy * cos) - (dx * sin)) / minor;
                    var radius = MathF.Sqrt((u * u) + (v * v));
                    if (radius > 1.5f)
                    {
                        continue;
                    }

                    var theta = MathF.Atan2(v, u);
                    var outline = 1 + (wave2 * MathF.Cos((2 * theta) + phase2)) + (wave3 * MathF.Cos((3 * theta) + phase3));
                    var inside = (outline - radius) * minor;
                    if (inside > -1)
                    {
                        var at = (Wrap(py, _height) * _width) + Wrap(px, _width);
                        pixels.Add((at, inside, radius / outline, u, v));
                        if (inside > 0)
                        {
                            own++;
                            taken += Labels.Labels[at] != 0 ? 1 : 0;
                        }
                    }
                }
            }

            // A nucleus that would lie under another one isn't there; one that is touched gives way a little.
            if (own < 8 || taken > 0.12f * own)
            {
                return;
            }

            var label = Nuclei.Count + 1;
            var area = 0;
            foreach (var (at, inside, radius, u, v) in pixels)
            {
                if (Labels.Labels[at] != 0)
                {
                    continue;
                }

                var cover = Math.Clamp(0.5f + (inside * 0.7f), 0, 1);
                var rim = 0.28f * Step(0.7f, 0.92f, radius);
                var texture = 0.72f + (0.42f * _chromatin.At(at % _width, at / _width));
                var nucleolus = hasNucleolus && Square(u - nucleolusU) + Square(v - nucleolusV) < 0.035f ? 0.35f : 0;
                var h = _strength * density * (texture + rim + nucleolus);
                _h[at] += (h - _h[at]) * cover;
                _e[at] *= 1 - (0.45f * cover);
                if (inside > 0)
                {
                    Labels.Labels[at] = label;
                    area++;
                }
            }

            Nuclei.Add(new DrawnNucleus(x, y, major, minor, angle, area));

            static float Square(float value) => value * value;
        }

        /// <summary>The optics' softness: a 3 x 3 binomial mean.</summary>
        private float Soft(float[] plane, int x, int y)
        {
            var (left, right) = (Wrap(x - 1, _width), Wrap(x + 1, _width));
            var upper = Wrap(y - 1, _height) * _width;
            var lower = Wrap(y + 1, _height) * _width;
            var middle = y * _width;
            return ((plane[upper + left] + plane[upper + right] + plane[lower + left] + plane[lower + right])
                + (2 * (plane[upper + x] + plane[lower + x] + plane[middle + left] + plane[middle + right]))
                + (4 * plane[middle + x])) / 16;
        }

        private static int Wrap(int value, int size)
        {
            var rest = value % size;
            return rest < 0 ? rest + size : rest;
        }
    }
}
