using System.Text.Json;
using HoverFast.Jobs;
using HoverFast.Server.Hosting;
using Microsoft.Data.Sqlite;

namespace HoverFast.Server.Nuclei;

/// <summary>
/// Makes the index of a result: one SQLite file in which the nuclei of a square of the slide lie together, each with those that only reach in from beside, so
/// that a vector tile is one read. Nuclei are taken as they come; memory does not grow with them.
/// </summary>
internal sealed class IndexBuilder
{
    /// <summary>Bytes of nuclei that are held before they are written; a result's neighbours come together, so that most squares are written once.</summary>
    private const int MostHeld = 32 << 20;

    /// <summary>
    /// Full-resolution pixels that a nucleus may be wide or high, or lie outside of the slide: ten times the largest (some 100 um) on slides of 0.12 um/px, so
    /// that whatever was drawn by hand or came out as a clump passes. An object is written to every square of its box: to 81 at most.
    /// </summary>
    private const int MostSide = 8 * NucleusCells.Side;

    private const int MostDensityCells = 2048;
    private const double LeastDensityMicrons = 16;

    private readonly Dictionary<(int Column, int Row), ByteBuffer> _cells = [];
    private readonly Stack<ByteBuffer> _spare = new();
    private readonly List<RangeHistogram> _histograms = [];
    private readonly List<int> _classCounts = [];
    private int _held;

    /// <summary>Builds an index.</summary>
    /// <param name="nuclei">The result's file of nuclei: GeoJSON or a Parquet table.</param>
    /// <param name="result">The result.</param>
    /// <param name="path">The index; written whole or not at all.</param>
    /// <param name="progress">Is told the part that is done, 0 to 1.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InvalidDataException">The nuclei can't be read, or what is among them is no nucleus.</exception>
    public static void Build(string nuclei, Manifest result, string path, Action<double> progress, CancellationToken cancellation) =>
        new IndexBuilder().Run(nuclei, result, path, progress, cancellation);

    private void Run(string nuclei, Manifest result, string path, Action<double> progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var unfinished = path + ".partial";
        File.Delete(unfinished);
        try
        {
            using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = unfinished, Pooling = false }.ToString()))
            {
                connection.Open();

                // A half-written file is thrown away: nothing of it need reach the disk before it is whole.
                Database.Execute(
                    connection,
                    """
                    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 16384;
                    CREATE TABLE fact (name TEXT PRIMARY KEY, value BLOB NOT NULL);
                    CREATE TABLE cell (number INTEGER PRIMARY KEY, place INTEGER NOT NULL, nuclei BLOB NOT NULL);
                    """
                );
                using var transaction = connection.BeginTransaction();
                using var insert = Database.Command(
                    connection,
                    "INSERT INTO cell (place, nuclei) VALUES ($place, $nuclei)",
                    ("$place", 0L),
                    ("$nuclei", Array.Empty<byte>()));
                Fill(nuclei, result, insert, connection, progress, cancellation);
                Database.Execute(connection, "CREATE INDEX by_place ON cell (place)");
                transaction.Commit();
            }

            using (var file = File.OpenHandle(unfinished, FileMode.Open, FileAccess.ReadWrite))
            {
                RandomAccess.FlushToDisk(file);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private void Fill(
        string nuclei,
        Manifest result,
        SqliteCommand insert,
        SqliteConnection connection,
        Action<double> progress,
        CancellationToken cancellation)
    {
        var slide = result.Slide;
        var (width, height) = (slide.Bounds.Width, slide.Bounds.Height);
        var side = (int)Math.Ceiling(Math.Max((double)Math.Max(width, height) / MostDensityCells, LeastDensityMicrons / slide.Mpp));
        var density = new DensityGrid(((width - 1) / side) + 1, ((height - 1) / side) + 1);
        using INucleusReader reader = nuclei.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)
            ? new TableReader(nuclei, result)
            : new FeatureReader(nuclei);
        var nucleus = new IndexedNucleus();
        var count = 0;
        while (reader.Read(nucleus))
        {
            if (count++ % 10_000 == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress(reader.Progress);
            }

            var box = nucleus.Box();
            if (ProblemOf(box, slide) is { } problem)
            {
                throw new InvalidDataException(
                    $"{Path.GetFileName(nuclei)}: object {count} {problem}; take it out of the file, or segment the slide again");
            }

            var (x, y) = nucleus.Centroid();
            Add(nucleus, box, x, y, insert);
            density.Add((int)(x / side), (int)(y / side));
        }

        Write(insert);
        var summary = new IndexSummary
        {
            Count = count,
            Width = width,
            Height = height,
            Mpp = slide.Mpp,
            DensityCell = side,
            Measurements =
            [
                .. reader.Measurements.Select(
                    (name, i) =>
                        i < _histograms.Count
                            ? _histograms[i].Shown() is var s
                                ? new IndexSummary.Measurement(name, s.Low, s.High, s.Bins)
                                : null!
                            : new(name, 0, 1, new long[RangeHistogram.Bins])),
            ],
            Classes =
            [
                .. reader.Classes.Select(
                    (c, i) => new IndexSummary.NucleusClass(c.Name, [c.Red, c.Green, c.Blue], i < _classCounts.Count ? _classCounts[i] : 0)),
            ],
        };
        Database.Execute(connection, "INSERT INTO fact VALUES ('summary', $value)", ("$value", JsonSerializer.SerializeToUtf8Bytes(summary)));
        Database.Execute(connection, "INSERT INTO fact VALUES ('density', $value)", ("$value", density.ToPng(side * slide.Mpp)));
    }

    // Coordinates count from the corner of the slide's bounds; tissue may lie beyond these.
    private static string? ProblemOf((int Left, int Top, int Right, int Bottom) box, ManifestSlide slide)
    {
        var (left, top, right, bottom) = (Pixels(box.Left), Pixels(box.Top), Pixels(box.Right), Pixels(box.Bottom));
        if (right - left > MostSide || bottom - top > MostSide)
        {
            return FormattableString.Invariant($"is {right - left:0} x {bottom - top:0} pixels large, more than any nucleus");
        }

        return IsFar(left, right, slide.Bounds.X, slide.Width) || IsFar(top, bottom, slide.Bounds.Y, slide.Height)
            ? FormattableString.Invariant($"lies outside of the slide, at {left:0}, {top:0}")
            : null;

        static bool IsFar(double from, double to, double corner, double length) => to + corner < -MostSide || from + corner > length + MostSide;

        static double Pixels(int value) => (double)value / IndexedNucleus.Units;
    }

    private void Add(IndexedNucleus nucleus, (int Left, int Top, int Right, int Bottom) box, double x, double y, SqliteCommand insert)
    {
        const int Units = NucleusCells.Side * IndexedNucleus.Units;
        (int Column, int Row) home = ((int)Math.Floor(x / NucleusCells.Side), (int)Math.Floor(y / NucleusCells.Side));
        for (var row = FloorDivide(box.Top); row <= FloorDivide(box.Bottom); row++)
        {
            for (var column = FloorDivide(box.Left); column <= FloorDivide(box.Right); column++)
            {
                if ((column, row) != home)
                {
                    AddTo((column, row), nucleus, isVisitor: true, insert);
                }
            }
        }

        AddTo(home, nucleus, isVisitor: false, insert);
        for (var i = 0; i < nucleus.Values.Count; i++)
        {
            if (i == _histograms.Count)
            {
                _histograms.Add(new RangeHistogram());
            }

            _histograms[i].Add(nucleus.Values[i]);
        }

        if (nucleus.Class >= 0)
        {
            while (_classCounts.Count <= nucleus.Class)
            {
                _classCounts.Add(0);
            }

            _classCounts[nucleus.Class]++;
        }

        static int FloorDivide(int value) => (int)Math.Floor((double)value / Units);
    }

    private void AddTo((int Column, int Row) cell, IndexedNucleus nucleus, bool isVisitor, SqliteCommand insert)
    {
        if (!_cells.TryGetValue(cell, out var bytes))
        {
            bytes = _spare.Count > 0 ? _spare.Pop() : new ByteBuffer();
            _cells.Add(cell, bytes);
        }

        var before = bytes.Length;
        NucleusCells.Write(bytes, nucleus, isVisitor, cell);
        _held += bytes.Length - before;
        if (_held > MostHeld)
        {
            Write(insert);
        }
    }

    private void Write(SqliteCommand insert)
    {
        foreach (var (cell, bytes) in _cells)
        {
            insert.Parameters["$place"].Value = NucleusIndex.PlaceOf(cell.Column, cell.Row);
            insert.Parameters["$nuclei"].Value = bytes.ToArray();
            insert.ExecuteNonQuery();
            bytes.Clear();
            _spare.Push(bytes);
        }

        _cells.Clear();
        _held = 0;
    }
}
