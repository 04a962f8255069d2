using System.Buffers;
using nietras.SeparatedValues;

namespace HoverFast.Slides;

/// <summary>A table of pixel sizes by slide, as people keep it in a spreadsheet: CSV with commas, semicolons or tabs.</summary>
internal sealed class MppTable
{
    private static readonly string[] _nameTitles =
    [
        "file",
        "filename",
        "file name",
        "file_name",
        "slide",
        "slide_id",
        "slide name",
        "image",
        "name",
        "path",
        "filepath",
    ];
    private static readonly string[] _sizeTitles = ["mpp", "mpp_x", "mpp-x", "um/px", "pixel size", "pixelsize", "pixel_size", "resolution"];

    private static readonly SearchValues<char> _numberLetters = SearchValues.Create("0123456789.,+-");

    private readonly List<Row> _rows = [];

    /// <summary>Reads a table.</summary>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="text">Its text.</param>
    /// <param name="finest">The finest pixel size that a slide can have, in um/px.</param>
    /// <param name="coarsest">The coarsest.</param>
    /// <exception cref="SlideException">A line can't be understood, or two contradict each other.</exception>
    public MppTable(string path, string text, double finest, double coarsest)
    {
        // Notes start with #; the lines keep their numbers.
        var lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = lines[i].TrimStart().StartsWith('#') ? string.Empty : lines[i];
        }

        // Excel's own way to state the separator.
        var first = Array.Find(lines, l => l.Trim().Length > 0) ?? string.Empty;
        var isStated = first.Length == 5 && first.StartsWith("sep=", StringComparison.OrdinalIgnoreCase);
        var separator = isStated ? first[4] : SeparatorOf(first);
        var (nameColumn, sizeColumn, titlesMayCome) = (0, 1, true);
        try
        {
            using var reader = Sep.New(separator)
                .Reader(o => o with { HasHeader = false, Unescape = true, DisableColCountCheck = true })
                .FromText(string.Join('\n', lines));
            foreach (var row in reader)
            {
                var cells = new string[row.ColCount];
                for (var c = 0; c < cells.Length; c++)
                {
                    cells[c] = row[c].ToString().Trim();
                }

                if (Array.TrueForAll(cells, c => c.Length == 0) || (isStated && row.RowIndex == 0))
                {
                    continue;
                }

                if (titlesMayCome && IsTitles(cells))
                {
                    (nameColumn, sizeColumn) = (IndexOf(cells, _nameTitles, 0), IndexOf(cells, _sizeTitles, 1));
                    titlesMayCome = false;
                    continue;
                }

                titlesMayCome = false;
                Add(path, row.RowIndex == 0 ? 1 : row.LineNumberFrom, cells, nameColumn, sizeColumn, finest, coarsest);
            }
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or ArgumentException or NotSupportedException)
        {
            throw new SlideException(
                path,
                $"can't be read as a table ({e.Message}); each line is a file name and a pixel size in um/px, parted by a comma.",
                e);
        }
    }

    /// <summary>The pixel size of a slide, or null. A row with folders matches a path that ends so; of several the longest counts.</summary>
    public Mpp? Find(string slidePath)
    {
        var best = _rows.Where(r => r.Matches(slidePath)).MaxBy(r => r.Name.Length);
        return best?.Mpp;
    }

    /// <summary>The rows that match none of the slides, for example "line 3 (a.svs)".</summary>
    public IEnumerable<string> Unmatched(IReadOnlyCollection<string> slidePaths) =>
        _rows.Where(r => !slidePaths.Any(r.Matches)).Select(r => $"line {r.Line} ({r.Name})");

    private static char SeparatorOf(string line) => line.Contains('\t') ? '\t' : line.Contains(';') ? ';' : ',';

    /// <summary>A first line without any figure where the pixel size belongs, whose first cell is no slide's file name.</summary>
    private static bool IsTitles(string[] cells) =>
        cells.Length > 1 && !cells[1].AsSpan().ContainsAnyInRange('0', '9') && !Slide.Extensions.Contains(Path.GetExtension(cells[0]));

    private static int IndexOf(string[] cells, string[] titles, int fallback)
    {
        var at = Array.FindIndex(cells, c => titles.Contains(c, StringComparer.OrdinalIgnoreCase));
        return at >= 0 ? at : fallback;
    }

    private static double? Parse(string cell)
    {
        var end = cell.AsSpan().IndexOfAnyExcept(_numberLetters);
        var number = end < 0 ? cell : cell[..end];
        var unit = end < 0 ? string.Empty : cell[end..].Trim();
        foreach (var suffix in (string[])["/px", "/pixel", "/ px", "/ pixel", " per pixel"])
        {
            unit = unit.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) ? unit[..^suffix.Length].Trim() : unit;
        }

        return FileNumber.Parse(number) * (unit is "" or "mpp" or "MPP" ? 1 : LengthUnit.Microns(unit));
    }

    private void Add(string path, int line, string[] cells, int nameColumn, int sizeColumn, double finest, double coarsest)
    {
        var name = nameColumn < cells.Length ? cells[nameColumn].Replace('\\', '/') : string.Empty;
        var cell = sizeColumn < cells.Length ? cells[sizeColumn] : string.Empty;

        // "a.svs,0,25": a decimal comma that parted the number in two.
        if (sizeColumn + 1 < cells.Length && IsDigits(cell) && IsDigits(cells[sizeColumn + 1]))
        {
            throw new SlideException(path, $"line {line} (\"{string.Join(',', cells)}\") has a comma in the pixel size; write {cell}.{cells[sizeColumn + 1]}.");
        }

        var mpp = Parse(cell);
        if (name.Length == 0 || mpp is null || mpp < finest || mpp > coarsest)
        {
            throw new SlideException(
                path,
                $"line {line} (\"{string.Join(',', cells)}\") isn't a file name and a pixel size from {finest} to {coarsest} um/px.");
        }

        if (_rows.Find(r => r.Name == name) is { } before && before.Mpp != new Mpp(mpp.Value))
        {
            throw new SlideException(path, $"lines {before.Line} and {line} give {name} two pixel sizes.");
        }

        _rows.Add(new Row(line, name, new Mpp(mpp.Value)));
    }

    private static bool IsDigits(string cell) => cell.Length > 0 && !cell.AsSpan().ContainsAnyExceptInRange('0', '9');

    private sealed record Row(int Line, string Name, Mpp Mpp)
    {
        private readonly string _end = "/" + Trimmed(Name);

        public bool Matches(string slidePath)
        {
            var path = "/" + Path.GetFullPath(slidePath).Replace('\\', '/').TrimStart('/');
            if (path.EndsWith(_end, StringComparison.Ordinal))
            {
                return true;
            }

            // A name without its ending; numbers after a point (a DICOM identifier) are no ending.
            while (Path.GetExtension(path) is { Length: > 1 } ending && ending.AsSpan(1).ContainsAnyExceptInRange('0', '9'))
            {
                path = path[..^ending.Length];
                if (path.EndsWith(_end, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }

        private static string Trimmed(string name)
        {
            while (name.StartsWith("./", StringComparison.Ordinal))
            {
                name = name[2..];
            }

            return name.TrimStart('/');
        }
    }
}
