using System.Globalization;
using System.Text;
using HoverFast.Files;
using HoverFast.Training.Drawing;
using ScottPlot;

namespace HoverFast.Training.Adaptation;

/// <summary>The points of an <see cref="AdaptationCurve"/> as a table and as a picture.</summary>
internal static class CurveTable
{
    private const int PanelWidth = 420;
    private const int PanelHeight = 380;

    // Between two ways at the same number of tiles; numbers of tiles are 1 apart.
    private const double WayDistance = 0.06;


    static CurveTable() => Fonts.FontResolvers.Insert(0, new PlotFont());

    /// <summary>Reads the points that a folder has; none where nothing was measured yet.</summary>
    /// <param name="folder">Where <see cref="Write"/> wrote.</param>
    public static IReadOnlyList<CurvePoint> Read(string folder) =>
        Path.Combine(folder, "curve.csv") is var table && File.Exists(table) ? [.. File.ReadAllLines(table).Skip(1).Select(CurvePoint.Parse)] : [];

    /// <summary>Writes the points measured so far as curve.csv, curve.md and curve.png.</summary>
    /// <param name="points">At least the start of one tissue.</param>
    /// <param name="folder">Where to.</param>
    public static void Write(IReadOnlyList<CurvePoint> points, string folder)
    {
        PartialFile.WriteText(Path.Combine(folder, "curve.csv"), string.Join('\n', points.Select(p => p.ToLine()).Prepend(CurvePoint.Header)) + "\n");
        PartialFile.WriteText(Path.Combine(folder, "curve.md"), Markdown(points));
        Draw(points, Path.Combine(folder, "curve.png"));
    }

    /// <summary>
    /// The table in Markdown: for each tissue, way and number of tiles, PQ on own tissue and the change on each other set; means over seeds, with half of their
    /// range after "±" where there are several.
    /// </summary>
    public static string Markdown(IReadOnlyList<CurvePoint> points)
    {
        var text = new StringBuilder();
        foreach (var tissue in points.Select(p => p.Tissue).Distinct())
        {
            var own = points.Where(p => p.Tissue == tissue).ToList();
            var start = Starts(own);
            var others = start.Keys.Where(s => s != tissue).ToList();
            text.AppendLine(CultureInfo.InvariantCulture, $"| {tissue} | tiles | seeds | own PQ | gain | {string.Join(" | ", others)} |");
            text.AppendLine("|---|---:|---:|---:|---:|" + string.Concat(others.Select(_ => "---:|")));
            foreach (var row in own.GroupBy(p => (p.Way, p.Tiles)).OrderBy(g => g.Key.Tiles).ThenBy(g => g.Key.Way, StringComparer.Ordinal))
            {
                var isStart = row.Key.Way == "start";
                var pq = SeedSpread.Of(row.Where(p => p.IsOwn));
                var gain = isStart ? "" : pq.Less(start[tissue]).ToText(Signed);
                var cells = others.Select(o => isStart ? Number(start[o]) : SeedSpread.Of(row.Where(p => p.Set == o)).Less(start[o]).ToText(Signed));
                text.AppendLine(
                    $"| {row.Key.Way} | {row.Key.Tiles} | {row.Select(p => p.Seed).Distinct().Count()} | {pq.ToText(Number)} | {gain} | {string.Join(" | ", cells)} |");
            }

            text.AppendLine();
        }

        return text.ToString();
    }

    /// <summary>
    /// The picture: for each tissue own PQ above, and below (beside it where there is one tissue) the change on the other set that loses most. Numbers of
    /// tiles stand at even distances, since they are chosen to grow by factors; ways a little beside each other, so that the ranges over their seeds are seen.
    /// </summary>
    public static void Draw(IReadOnlyList<CurvePoint> points, string png)
    {
        Fonts.Default = PlotFont.Name;
        var tissues = points.Select(p => p.Tissue).Distinct().ToList();
        var ways = points.Select(p => p.Way).Distinct().Where(w => w != "start").ToList();
        var plots = new Multiplot();
        plots.AddPlots(2 * tissues.Count);
        var (rowCount, columnCount) = tissues.Count == 1 ? (1, 2) : (2, tissues.Count);
        plots.Layout = new ScottPlot.MultiplotLayouts.Grid(rowCount, columnCount);
        for (var t = 0; t < tissues.Count; t++)
        {
            var own = points.Where(p => p.Tissue == tissues[t]).ToList();
            var start = Starts(own);
            var counts = own.Select(p => p.Tiles).Distinct().Order().ToList();
            double[] places = [.. counts.Select((_, i) => (double)i)];
            string[] words = [.. counts.Select(c => c.ToString(CultureInfo.InvariantCulture))];
            Fill(plots.GetPlot(t), tissues[t], "PQ, own tissue", row => SeedSpread.Of(row.Where(p => p.IsOwn)));
            Fill(plots.GetPlot(tissues.Count + t), tissues.Count == 1 ? "other tissue" : "", "largest loss of PQ elsewhere", row =>
                row
                    .Where(p => !p.IsOwn && start.ContainsKey(p.Set))
                    .GroupBy(p => p.Set)
                    .Select(g => SeedSpread.Of(g).From(start[g.Key]))
                    .DefaultIfEmpty(default)
                    .MaxBy(s => s.Mean));

            void Fill(Plot plot, string title, string axis, Func<IEnumerable<CurvePoint>, SeedSpread> figure)
            {
                foreach (var way in ways.Where(w => own.Exists(p => p.Way == w)))
                {
                    var rows = own.Where(p => p.Way == way || p.Way == "start").GroupBy(p => p.Tiles).OrderBy(g => g.Key).ToList();
                    var beside = WayDistance * (ways.IndexOf(way) - ((ways.Count - 1) / 2.0));
                    double[] x = [.. rows.Select(g => counts.IndexOf(g.Key) + (g.Key == 0 ? 0 : beside))];
                    var figures = rows.ConvertAll(g => figure(g));
                    var line = plot.Add.Scatter(x, figures.Select(f => f.Mean).ToArray());
                    line.Color = plot.Add.Palette.GetColor(ways.IndexOf(way));
                    line.LegendText = way;
                    line.LineWidth = 2;
                    line.MarkerSize = 8;
                    if (figures.Exists(f => f.HalfRange > 0))
                    {
                        var bars = plot.Add.ErrorBar(x, figures.Select(f => f.Mean).ToArray(), figures.Select(f => f.HalfRange ?? 0).ToArray());
                        (bars.Color, bars.LineWidth) = (line.Color, 2);
                    }
                }

                plot.Axes.Bottom.SetTicks(places, words);
                plot.Title(title);
                plot.XLabel("labelled tiles");
                plot.YLabel(axis);
                plot.ShowLegend(Alignment.UpperLeft);
            }
        }

        PartialFile.Write(png, file => file.Write(plots.Render(PanelWidth * columnCount, PanelHeight * rowCount).GetImageBytes(ImageFormat.Png)));
    }

    // PQ of the start on each set. It is measured once; a table that was put together of several has it more often.
    private static Dictionary<string, double> Starts(IEnumerable<CurvePoint> ofTissue) =>
        ofTissue.Where(p => p.Way == "start").GroupBy(p => p.Set).ToDictionary(g => g.Key, g => g.First().Pq);

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Signed(double value) => value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);
}
