using HoverFast.Jobs;
using HoverFast.Server.Hosting;

namespace HoverFast.Server.Jobs;

/// <summary>Jobs in SQLite: they outlive the browser and the server.</summary>
internal sealed class JobStore(string path, TimeProvider time)
{
    private const string Columns = "id, name, path, account, state, message, nuclei, folder";

    private readonly Database _database = Open(path);
    private readonly TimeProvider _time = time;

    /// <summary>The latest jobs, the last one first.</summary>
    public IReadOnlyList<Job> Latest(int count) => _database.Query($"SELECT {Columns} FROM job ORDER BY id DESC LIMIT $count", Read, ("$count", count));

    /// <summary>A job; null where there is none of this number.</summary>
    public Job? Find(long id) => _database.Query($"SELECT {Columns} FROM job WHERE id = $id", Read, ("$id", id)).SingleOrDefault();

    /// <summary>The job whose turn it is: one that was under way when the server ended, then the first that waits.</summary>
    public Job? Next() =>
        _database.Query($"SELECT {Columns} FROM job WHERE state IN ('Running', 'Waiting') ORDER BY state, id LIMIT 1", Read).SingleOrDefault();

    /// <summary>All jobs that wait or are under way, the first one first.</summary>
    public IReadOnlyList<Job> Unfinished() =>
        _database.Query($"SELECT {Columns} FROM job WHERE state IN ('Running', 'Waiting') ORDER BY id", Read);

    /// <summary>The latest jobs that a cluster has done, the last one first.</summary>
    public IReadOnlyList<Job> DoneByCluster(int count) =>
        _database.Query($"SELECT {Columns} FROM job WHERE state = 'Done' AND folder IS NOT NULL ORDER BY id DESC LIMIT $count", Read, ("$count", count));

    /// <summary>Remembers the folder of a job on the cluster.</summary>
    public void KeepFolder(long id, string folder) =>
        _database.Execute("UPDATE job SET folder = $folder WHERE id = $id", ("$folder", folder), ("$id", id));

    /// <summary>Adds a job, unless one for the same slide waits or is under way.</summary>
    /// <returns>Whether it was added.</returns>
    public bool Add(SlideInput slide, string account) =>
        _database.Execute(
            """
            INSERT INTO job (name, path, account, state, at) SELECT $name, $path, $account, 'Waiting', $at
            WHERE NOT EXISTS (SELECT 1 FROM job WHERE name = $name AND state IN ('Waiting', 'Running'))
            """,
            ("$name", slide.Name),
            ("$path", slide.Path),
            ("$account", account),
            ("$at", _time.GetUtcNow().ToString("u"))
        ) > 0;

    /// <summary>Writes down what has become of a job, if it is still in a state.</summary>
    /// <returns>Whether it was.</returns>
    public bool Move(long id, JobState from, JobState to, string? message = null, long nuclei = 0) =>
        _database.Execute(
            "UPDATE job SET state = $to, message = $message, nuclei = $nuclei WHERE id = $id AND state = $from",
            ("$to", to.ToString()),
            ("$message", message),
            ("$nuclei", nuclei),
            ("$id", id),
            ("$from", from.ToString())
        ) > 0;

    private static Job Read(Microsoft.Data.Sqlite.SqliteDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetString(1),
            row.GetString(2),
            row.GetString(3),
            Enum.Parse<JobState>(row.GetString(4)),
            row.IsDBNull(5) ? null : row.GetString(5),
            row.GetInt64(6),
            row.IsDBNull(7) ? null : row.GetString(7));

    private static Database Open(string path)
    {
        var database = new Database(
            path,
            """
            CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, path TEXT NOT NULL,
                account TEXT NOT NULL, state TEXT NOT NULL,
                message TEXT, nuclei INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL, folder TEXT);
            """);

        // Tables of earlier versions have no folder.
        if (database.Query("SELECT 1 FROM pragma_table_info('job') WHERE name = 'folder'", r => r.GetInt64(0)).Count == 0)
        {
            database.Execute("ALTER TABLE job ADD COLUMN folder TEXT");
        }

        return database;
    }
}
