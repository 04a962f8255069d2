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

    /// <summary>The table in Markdown: for each tissue, way and number of tiles, PQ on own tissue and the change on each other set; means over seeds.</summary>
    public static string Markdown(IReadOnlyList<CurvePoint> points)
    {
        var text = new StringBuilder();
        foreach (var tissue in points.Select(p => p.Tissue).Distinct())
        {
            var own = points.Where(p => p.Tissue == tissue).ToList();
            var others = own.Where(p => !p.IsOwn && p.Way == "start").Select(p => p.Set).Distinct().ToList();
            text.AppendLine(CultureInfo.InvariantCulture, $"| {tissue} | tiles | seeds | own PQ | gain | {string.Join(" | ", others)} |");
            text.AppendLine("|---|---:|---:|---:|---:|" + string.Concat(others.Select(_ => "---:|")));
            var start = own.Where(p => p.Way == "start").GroupBy(p => p.Set).ToDictionary(g => g.Key, g => g.First().Pq);
            foreach (var row in own.GroupBy(p => (p.Way, p.Tiles)).OrderBy(g => g.Key.Tiles).ThenBy(g => g.Key.Way, StringComparer.Ordinal))
            {
                var pq = row.Where(p => p.IsOwn).Average(p => p.Pq);
                var cells = others.Select(o => row.Key.Way == "start" ? Number(start[o]) : Signed(row.Where(p => p.Set == o).Average(p => p.Pq) - start[o]));
                text.AppendLine(
                    $"| {row.Key.Way} | {row.Key.Tiles} | {row.Select(p => p.Seed).Distinct().Count()} | {Number(pq)} | {(row.Key.Way == "start" ? "" : Signed(pq - start[tissue]))} | {string.Join(" | ", cells)} |");
            }

            text.AppendLine();
        }

        return text.ToString();
    }

    /// <summary>
    /// The picture: for each tissue own PQ above, and below (beside it where there is one tissue) the change on the other set that loses most. Numbers of
    /// tiles stand at even distances, since they are chosen to grow by factors.
    /// </summary>
    public static void Draw(IReadOnlyList<CurvePoint> points, string png)
    {
        Fonts.Default = PlotFont.Name;
        var tissues = points.Select(p => p.Tissue).Distinct().ToList();
        var plots = new Multiplot();
        plots.AddPlots(2 * tissues.Count);
        var (rowCount, columnCount) = tissues.Count == 1 ? (1, 2) : (2, tissues.Count);
        plots.Layout = new ScottPlot.MultiplotLayouts.Grid(rowCount, columnCount);
        for (var t = 0; t < tissues.Count; t++)
        {
            var own = points.Where(p => p.Tissue == tissues[t]).ToList();
            var start = own.Where(p => p.Way == "start").ToDictionary(p => p.Set, p => p.Pq);
            var counts = own.Select(p => p.Tiles).Distinct().Order().ToList();
            double[] places = [.. counts.Select((_, i) => (double)i)];
            string[] words = [.. counts.Select(c => c.ToString(CultureInfo.InvariantCulture))];
            Fill(plots.GetPlot(t), tissues[t], "PQ, own tissue", row => row.Where(p => p.IsOwn).Average(p => p.Pq));
            Fill(plots.GetPlot(tissues.Count + t), tissues.Count == 1 ? "other tissue" : "", "largest loss of PQ elsewhere", row =>
                row
                    .Where(p => !p.IsOwn && start.ContainsKey(p.Set))
                    .GroupBy(p => p.Set)
                    .Select(g => start[g.Key] - g.Average(p => p.Pq))
                    .DefaultIfEmpty(0)
                    .Max());

            void Fill(Plot plot, string title, string axis, Func<IEnumerable<CurvePoint>, double> figure)
            {
                foreach (var way in own.Select(p => p.Way).Distinct().Where(w => w != "start"))
                {
                    var rows = own.Where(p => p.Way == way || p.Way == "start").GroupBy(p => p.Tiles).OrderBy(g => g.Key).ToList();
                    var line = plot.Add.Scatter(rows.Select(g => (double)counts.IndexOf(g.Key)).ToArray(), rows.Select(figure).ToArray());
                    line.LegendText = way;
                    line.LineWidth = 2;
                    line.MarkerSize = 8;
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

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Signed(double value) => value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);
}
