using System.Globalization;
using HoverFast.Files;
using HoverFast.Training.Drawing;
using ScottPlot;

namespace HoverFast.Training.Optimisation;

/// <summary>Draws metrics.csv: losses on the left, panoptic quality of each validation set on the right.</summary>
internal static class MetricsPlot
{
    private const int Width = 1000;
    private const int Height = 420;

    static MetricsPlot() => Fonts.FontResolvers.Insert(0, new PlotFont());

    /// <summary>Draws the curve of a run.</summary>
    /// <param name="csv">The file that <see cref="MetricsLog"/> writes.</param>
    /// <param name="png">The picture to write.</param>
    public static void Draw(string csv, string png)
    {
        var lines = File.ReadAllLines(csv);
        var columns = lines[0].Split(',');
        var rows = lines.Skip(1).Select(l => l.Split(',').Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray()).ToList();
        var steps = rows.Select(r => r[0]).ToArray();
        Fonts.Default = PlotFont.Name;
        var plots = new Multiplot();
        plots.AddPlots(2);
        plots.Layout = new ScottPlot.MultiplotLayouts.Columns();
        Fill(plots.GetPlot(0), "training loss", Alignment.UpperRight, columns.Select((c, i) => (c, i)).Where(c => c.i is > 0 and < 6));
        Fill(
            plots.GetPlot(1),
            "validation PQ",
            Alignment.LowerRight,
            columns.Select((c, i) => (c, i)).Where(c => c.c.EndsWith(".pq", StringComparison.Ordinal)));
        PartialFile.Write(png, file => file.Write(plots.Render(Width, Height).GetImageBytes(ImageFormat.Png)));

        void Fill(Plot plot, string title, Alignment legend, IEnumerable<(string Name, int Column)> curves)
        {
            foreach (var (name, column) in curves)
            {
                plot.Add.Scatter(steps, rows.Select(r => r[column]).ToArray()).LegendText = name;
            }

            plot.Title(title);
            plot.XLabel("step");
            plot.ShowLegend(legend);
        }
    }
}
