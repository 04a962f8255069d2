using Microsoft.Data.Sqlite;

namespace HoverFast.Server.Hosting;

/// <summary>An SQLite file in WAL mode: what is committed outlives the process, and readers don't wait for the writer.</summary>
internal sealed class Database
{
    private readonly string _connection;

    /// <summary>Opens the file, made where it is missing, and makes its tables.</summary>
    /// <param name="path">The file; its folder is made.</param>
    /// <param name="tables">Statements that make the tables, harmless where they exist.</param>
    public Database(string path, string tables)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _connection = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            DefaultTimeout = 10,
        }.ToString();
        using var connection = Open();
        Execute(connection, "PRAGMA journal_mode = WAL;" + tables);
        if (!OperatingSystem.IsWindows())
        {
            // Hashes of passwords: for the owner's eyes only.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>A connection of the pool; commits reach the disk before they return.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        connection.Open();
        Execute(connection, "PRAGMA synchronous = FULL;");
        return connection;
    }

    /// <summary>Runs a statement.</summary>
    /// <returns>Rows changed.</returns>
    public int Execute(string sql, params (string Name, object? Value)[] values)
    {
        using var connection = Open();
        return Execute(connection, sql, values);
    }

    /// <summary>Runs a query and makes something of each row.</summary>
    public IReadOnlyList<T> Query<T>(string sql, Func<SqliteDataReader, T> make, params (string Name, object? Value)[] values)
    {
        using var connection = Open();
        using var command = Command(connection, sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(make(reader));
        }

        return rows;
    }

    /// <summary>Runs a statement on an open connection.</summary>
    /// <returns>Rows changed.</returns>
    public static int Execute(SqliteConnection connection, string sql, params (string Name, object? Value)[] values)
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>A statement with its values.</summary>
    public static SqliteCommand Command(SqliteConnection connection, string sql, params (string Name, object? Value)[] values)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Statements are constants of this program; what users give are values.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }
}
