namespace HoverFast.Labels;

/// <summary>Tells a mask (one value for all nuclei) from labels (a number for each): a frequent mistake, since both are grey pictures.</summary>
internal static class LabelMask
{
    /// <summary>Separate areas of one label from which on it is no single nucleus.</summary>
    private const int Areas = 3;

    /// <summary>Whether an image has one label only, in at least three separate areas.</summary>
    public static bool Is(LabelImage image)
    {
        var only = image.Labels.AsSpan();
        var first = only.IndexOfAnyExcept(0);
        return first >= 0 && only.IndexOfAnyExcept(0, only[first]) < 0 && CountAreas(image, Areas) >= Areas;
    }

    /// <summary>Counts areas that touch by their sides, up to a number that is enough.</summary>
    private static int CountAreas(LabelImage image, int enough)
    {
        var (width, labels) = (image.Width, image.Labels);
        var seen = new bool[labels.Length];
        var open = new Stack<int>();
        var areas = 0;
        for (var start = 0; start < labels.Length && areas < enough; start++)
        {
            if (labels[start] == 0 || seen[start])
            {
                continue;
            }

            areas++;
            Visit(start);
            while (open.TryPop(out var i))
            {
                var x = i % width;
                if (x > 0)
                {
                    Visit(i - 1);
                }

                if (x < width - 1)
                {
                    Visit(i + 1);
                }

                if (i >= width)
                {
                    Visit(i - width);
                }

                if (i < labels.Length - width)
                {
                    Visit(i + width);
                }

            }
        }

        return areas;

        void Visit(int i)
        {
            if (labels[i] != 0 && !seen[i])
            {
                seen[i] = true;
                open.Push(i);
            }
        }
    }
}
