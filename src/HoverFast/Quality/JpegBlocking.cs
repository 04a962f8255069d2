using HoverFast.Slides;

namespace HoverFast.Quality;

/// <summary>
/// How far the 8 x 8 blocks of JPEG stand out of a picture: steps in green between the pixels of two blocks against all other steps, on tissue. Strong
/// compression makes the former larger and wipes out the latter. Sums are whole numbers. Where the blocks begin is found out, so that crops are told too.
/// </summary>
internal sealed class JpegBlocking
{
    /// <summary>From which on a picture is strongly compressed: about JPEG quality 15, and no picture of quality 30.</summary>
    public const double Strong = 3.2;

    private const int Block = 8;

    /// <summary>Steps between two pixels that are both brighter tell nothing.</summary>
    private const int Glass = 225;

    /// <summary>How many times as large the blocks' steps are in a soft picture that is strongly compressed, and how much larger at least.</summary>
    private const double SoftTimes = 6;
    private const double LeastExcess = 1.2;
    private readonly Steps _across = new();
    private readonly Steps _down = new();

    /// <summary>
    /// What the blocks' steps have more than others, in steps of the picture, over the square root of one more than these; near 0 without blocks. In a soft
    /// picture, whose own steps are next to nothing, how many times as large they are, on the same scale. Null where there is too little tissue.
    /// </summary>
    public double? Value
    {
        get
        {
            if (_across.IsEmpty || _down.IsEmpty)
            {
                return null;
            }

            var ((edgeAcross, otherAcross), (edgeDown, otherDown)) = (_across.Means(), _down.Means());
            var (edge, other) = (edgeAcross + edgeDown, otherAcross + otherDown);
            var times = edge - other < LeastExcess ? 0 : edge / (other + 0.1);
            return Math.Max((edge - other) / Math.Sqrt(1 + other), times * Strong / SoftTimes);
        }
    }

    /// <summary>Adds a part of a stored level.</summary>
    /// <param name="part">Its pixels as they are stored; its corner lies a multiple of 8 pixels from the level's.</param>
    public void Add(RgbImage part)
    {
        for (var y = 0; y < part.Height; y++)
        {
            var row = part.Row(y);
            for (var x = 1; x < part.Width; x++)
            {
                _across.Add(x, row[(3 * x) + 1], row[(3 * x) - 2]);
            }

            if (y > 0)
            {
                var above = part.Row(y - 1);
                for (var x = 0; x < part.Width; x++)
                {
                    _down.Add(y, row[(3 * x) + 1], above[(3 * x) + 1]);
                }
            }
        }
    }

    /// <summary>Steps in one direction by their place in a block.</summary>
    private sealed class Steps
    {
        private readonly long[] _sums = new long[Block];
        private readonly long[] _counts = new long[Block];

        public bool IsEmpty => _counts.Contains(0);

        public void Add(int place, int value, int before)
        {
            if (Math.Min(value, before) < Glass)
            {
                _sums[place % Block] += Math.Abs(value - before);
                _counts[place % Block]++;
            }
        }

        /// <summary>Mean step at the place where they are largest, and at the others.</summary>
        public (double Edge, double Other) Means()
        {
            double[] means = [.. _sums.Zip(_counts, (sum, count) => (double)sum / count)];
            var edge = means.Max();
            return (edge, (means.Sum() - edge) / (Block - 1));
        }
    }
}
