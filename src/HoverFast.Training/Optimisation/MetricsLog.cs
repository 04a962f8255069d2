using System.Globalization;
using HoverFast.Files;

namespace HoverFast.Training.Optimisation;

/// <summary>The run's curve: a line of losses and scores for each validation.</summary>
internal sealed class MetricsLog(string path)
{
    /// <summary>The columns of losses.</summary>
    public static IReadOnlyList<string> Losses { get; } = ["loss", "crossEntropy", "diceLoss", "hv", "hvGradient", "types"];

    public string Path => path;

    public void Add(long step, double[] losses, IReadOnlyList<SetScore> scores)
    {
        if (!File.Exists(path))
        {
            var columns = Losses.Concat(
                scores.SelectMany(s => new[] { $"{s.Set}.pq", $"{s.Set}.aji", $"{s.Set}.dice" }.Concat(s.Types is null ? [] : [$"{s.Set}.types"])));
            File.WriteAllText(path, $"step,{string.Join(',', columns)}\n");
        }

        var values = losses
            .Concat(scores.SelectMany(s => new[] { s.Pq, s.Aji, s.Dice }.Concat(s.Types is { } types ? [types.MeanOfTypes] : [])))
            .Select(v => v.ToString("0.00000", CultureInfo.InvariantCulture));
        File.AppendAllText(path, $"{step},{string.Join(',', values)}\n");
    }

    /// <summary>Drops all lines: those of a run that was killed before its first checkpoint.</summary>
    public void Clear() => File.Delete(path);

    /// <summary>Drops lines that a killed run wrote after its last checkpoint.</summary>
    public void CutAfter(long step)
    {
        if (File.Exists(path))
        {
            var lines = File.ReadAllLines(path);
            PartialFile.WriteText(
                path,
                string.Concat(
                    lines.Take(1).Concat(lines.Skip(1).Where(l => long.Parse(l.Split(',')[0], CultureInfo.InvariantCulture) <= step)).Select(l => l + "\n")));
        }
    }
}
