using System.Text.Json;
using HoverFast.Server.Hosting;
using Microsoft.Data.Sqlite;

namespace HoverFast.Server.Nuclei;

/// <summary>The nuclei of one result, found by place. Thread safe.</summary>
internal sealed class NucleusIndex : IDisposable
{
    private readonly string _connection;
    private readonly byte[] _density;

    /// <summary>Opens an index that <see cref="IndexBuilder"/> made.</summary>
    /// <exception cref="SqliteException">It is damaged.</exception>
    public NucleusIndex(string path)
    {
        _connection = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly }.ToString();
        using var connection = Open();
        Summary = JsonSerializer.Deserialize<IndexSummary>(Fact(connection, "summary"))!;
        _density = Fact(connection, "density");
    }

    /// <summary>What there is.</summary>
    public IndexSummary Summary { get; }

    /// <summary>The picture of the density as PNG.</summary>
    public ReadOnlyMemory<byte> Density => _density.AsMemory(sizeof(double));

    /// <summary>The density that the picture's last colour stands for, in nuclei per mm2.</summary>
    public double MostDensity => BitConverter.ToDouble(_density, 0);

    /// <summary>What a square of the slide is called in the file.</summary>
    public static long PlaceOf(int column, int row) => ((long)(row + (1 << 20)) << 32) | (uint)(column + (1 << 20));

    /// <summary>Hands out the nuclei of the squares that meet a box, in no order; the object is used again for the next one.</summary>
    /// <param name="left">In full-resolution pixels, as the others.</param>
    /// <param name="top">Upper edge.</param>
    /// <param name="right">Right edge.</param>
    /// <param name="bottom">Lower edge.</param>
    /// <param name="take">
    /// Is called with each nucleus of a square, and whether it only reaches in from another square: then it comes with that one too, if the box meets it.
    /// </param>
    /// <param name="cancellation">Stops it.</param>
    public void Read(double left, double top, double right, double bottom, Action<IndexedNucleus, bool> take, CancellationToken cancellation)
    {
        var nucleus = new IndexedNucleus();
        var (firstColumn, lastColumn) = (CellOf(left), CellOf(right));
        using var connection = Open();
        using var query = Database.Command(
            connection,
            "SELECT place, nuclei FROM cell WHERE place BETWEEN $first AND $last",
            ("$first", 0L),
            ("$last", 0L));
        for (var row = Math.Max(CellOf(top), -1); row <= Math.Min(CellOf(bottom), CellOf(Summary.Height)); row++)
        {
            query.Parameters["$first"].Value = PlaceOf(firstColumn, row);
            query.Parameters["$last"].Value = PlaceOf(lastColumn, row);
            using var reader = query.ExecuteReader();
            while (reader.Read())
            {
                cancellation.ThrowIfCancellationRequested();
                var column = (int)(uint)reader.GetInt64(0) - (1 << 20);
                NucleusCells.Read((byte[])reader[1], (column, row), nucleus, take);
            }
        }

        static int CellOf(double pixel) => (int)Math.Clamp(Math.Floor(pixel / NucleusCells.Side), -1, 1 << 19);
    }

    /// <inheritdoc/>
    public void Dispose() => SqliteConnection.ClearPool(new SqliteConnection(_connection));

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        connection.Open();
        return connection;
    }

    private static byte[] Fact(SqliteConnection connection, string name)
    {
        using var query = Database.Command(connection, "SELECT value FROM fact WHERE name = $name", ("$name", name));
        return (byte[])query.ExecuteScalar()!;
    }
}
