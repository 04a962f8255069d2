namespace HoverFast.Quality;

/// <summary>Figures of a field, or of a whole slide, that follow from its sums: means, spreads and ratios that can be compared between slides.</summary>
internal static class FieldFeatures
{
    private static readonly (string Name, Func<Seen, double> Of)[] _all =
    [
        .. NucleusEvidence.Names.Select((name, i) => (name, (Func<Seen, double>)(s => s.Evidence(i)))),
        ("red", s => s.Red),
        ("green", s => s.Green),
        ("blue", s => s.Blue),
        ("stainHue", s => (s.Red - s.Blue) / (s.Red + s.Green + s.Blue + 0.1)),
        ("stainSpread", s => s.Spread(FieldNumber.Green, FieldNumber.GreenGreen)),
        ("redGreen", s => s.Correlation(FieldNumber.Red, FieldNumber.RedRed, FieldNumber.Green, FieldNumber.GreenGreen, FieldNumber.RedGreen)),
        ("redBlue", s => s.Correlation(FieldNumber.Red, FieldNumber.RedRed, FieldNumber.Blue, FieldNumber.BlueBlue, FieldNumber.RedBlue)),
        ("stained", s => s.PerPixel(FieldNumber.Stained)),
        ("steps", s => Math.Log(1 + s.PerStained(FieldNumber.NearStep))),
        ("sharpness", s => Math.Log((1 + s.PerStained(FieldNumber.NearStep)) / (1 + s.PerStained(FieldNumber.FarStep)))),
        ("grain", s => Math.Log((1 + s.PerStained(FieldNumber.Curvature)) / (1 + s.PerStained(FieldNumber.NearStep)))),
        ("doubt", s => Math.Log((s[FieldNumber.Doubt] + 1) / (s.Count(FieldNumber.Inside) + 10))),
        ("inside", s => s.PerPixel(FieldNumber.Inside)),
        ("offset", s => s[FieldNumber.Offset] / Math.Max(1, s.Count(FieldNumber.Inside))),
        ("match", s => s[FieldNumber.Match] / s.Nuclei),
        ("matchLogit", s => s[FieldNumber.MatchLogit] / s.Nuclei),
        ("probabilitySpread", s => s.SpreadOfProbability),
        ("weakBoundary", s => s.Count(FieldNumber.WeakBoundary) / s.Nuclei),
        ("mass", s => Math.Log((s[FieldNumber.Probability] + 1) / (s.Count(FieldNumber.Inside) + 10))),
        ("density", s => Math.Log(1 + (1000 * s.Count(FieldNumber.Nuclei) / s.Pixels))),
    ];

    /// <summary>Their names, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _all.Select(f => f.Name)];

    /// <summary>The figures of a field.</summary>
    /// <param name="field">Its sums.</param>
    public static double[] Of(FieldSums field)
    {
        var seen = new Seen(field);
        return Array.ConvertAll(_all, f => f.Of(seen));
    }

    /// <summary>The place of a figure.</summary>
    /// <exception cref="InvalidDataException">There is none of the name.</exception>
    public static int PlaceOf(string name)
    {
        var place = Array.FindIndex(_all, f => f.Name == name);
        return place >= 0 ? place : throw new InvalidDataException($"There is no figure '{name}' of a field.");
    }

    private readonly struct Seen(FieldSums sums)
    {
        public double Pixels => Math.Max(1, sums[FieldNumber.Pixels]);

        public double Nuclei => Math.Max(1, sums[FieldNumber.Nuclei]);

        public double Red => Mean(FieldNumber.Red);

        public double Green => Mean(FieldNumber.Green);

        public double Blue => Mean(FieldNumber.Blue);

        /// <summary>Standard deviation of the nuclei's logits.</summary>
        public double SpreadOfProbability =>
            Math.Sqrt(Math.Max(0, (this[FieldNumber.ProbabilityLogitSquares] / Nuclei) - Math.Pow(Evidence(NucleusEvidence.Probability), 2)));

        private double Stained => Math.Max(1, sums[FieldNumber.Stained]);

        public double this[FieldNumber number] => sums[number] / (double)FieldSums.One;

        public double Count(FieldNumber number) => sums[number];

        public double PerPixel(FieldNumber number) => sums[number] / Pixels;

        public double PerStained(FieldNumber number) => sums[number] / Stained;

        public double Evidence(int i) => sums.Values[(int)FieldNumber.Evidence + i] / (double)FieldSums.One / Nuclei;

        public double Spread(FieldNumber mean, FieldNumber square) => Math.Sqrt(Math.Max(0, Mean(square) - (Mean(mean) * Mean(mean))));

        public double Correlation(FieldNumber a, FieldNumber aa, FieldNumber b, FieldNumber bb, FieldNumber ab) =>
            (Mean(ab) - (Mean(a) * Mean(b))) / ((Spread(a, aa) * Spread(b, bb)) + 1e-3);

        private double Mean(FieldNumber number) => this[number] / Stained;
    }
}
