using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;

namespace HoverFast.Server.Hosting;

/// <summary>
/// An SQLite file in WAL mode: what is committed outlives the process, and readers don't wait for the writer. It holds hashes of passwords, and is for its
/// owner's eyes only.
/// </summary>
internal sealed class Database
{
    private const UnixFileMode OwnersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _connection;

    /// <summary>Opens the file, made where it is missing, and makes its tables.</summary>
    /// <param name="path">The file; its folder is made, for the owner alone.</param>
    /// <param name="tables">Statements that make the tables, harmless where they exist.</param>
    public Database(string path, string tables)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnersAlone | UnixFileMode.UserExecute);
            Close(path);
        }

        _connection = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            DefaultTimeout = 10,
        }.ToString();
        using var connection = Open();
        Execute(connection, "PRAGMA journal_mode = WAL;" + tables);
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

    // Before SQLite opens it: what it makes beside the file, where all that is new lies first, gets the file's mode.
    [UnsupportedOSPlatform("windows")]
    private static void Close(string path)
    {
        // Only where it is missing: closing a file gives up the locks that SQLite holds on it in this process.
        if (!File.Exists(path))
        {
            try
            {
                new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnersAlone }).Dispose();
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process was faster.
            }
        }

        foreach (var file in (string[])[path, path + "-wal", path + "-shm"])
        {
            try
            {
                File.SetUnixFileMode(file, OwnersAlone);
            }
            catch (FileNotFoundException)
            {
                // SQLite takes these two away when the last one closes the file.
            }
        }
    }
}
