using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Training.Importing;

/// <summary>Makes labels of numbers that other programs wrote.</summary>
internal static class LabelMap
{
    /// <summary>The instances of a plane of numbers.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="size">Pixels of the picture that they must cover.</param>
    /// <param name="shape">Rows and columns of the plane.</param>
    /// <param name="at">The number of pixel i, in rows.</param>
    /// <exception cref="TrainingException">The sizes differ, or the numbers are no labels.</exception>
    public static LabelImage Of(string path, PixelSize size, (int Rows, int Columns) shape, Func<int, double> at)
    {
        if (shape != (size.Height, size.Width))
        {
            throw new TrainingException(path, $"has {shape.Columns} x {shape.Rows} labels where its picture has {size} pixels.");
        }

        var labels = new LabelImage(size.Width, size.Height);
        for (var i = 0; i < labels.Labels.Length; i++)
        {
            var value = at(i);
            labels.Labels[i] =
                value is >= 0 and <= int.MaxValue && value == Math.Floor(value)
                    ? (int)value
                    : throw new TrainingException(path, $"holds {value} where a label (0, 1, 2 ...) is expected.");
        }

        return labels;
    }

    /// <summary>The type of each instance: the one that most of its pixels have in a plane of types.</summary>
    /// <param name="labels">The instances.</param>
    /// <param name="at">The type's number at pixel i; 0 is none.</param>
    /// <param name="names">Names of the types.</param>
    public static Dictionary<int, string> Types(LabelImage labels, Func<int, double> at, IReadOnlyDictionary<int, string> names)
    {
        var votes = new Dictionary<(int Label, int Type), int>();
        for (var i = 0; i < labels.Labels.Length; i++)
        {
            if (labels.Labels[i] != 0 && (int)at(i) is not 0 and var type)
            {
                votes[(labels.Labels[i], type)] = votes.GetValueOrDefault((labels.Labels[i], type)) + 1;
            }
        }

        return votes.GroupBy(v => v.Key.Label).ToDictionary(g => g.Key, g =>
        {
            var most = g.MaxBy(v => (v.Value, -v.Key.Type)).Key.Type;
            return names.TryGetValue(most, out var name) ? name : $"type {most}";
        });
    }
}
