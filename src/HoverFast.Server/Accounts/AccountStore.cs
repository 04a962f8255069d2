using System.Security.Cryptography;
using System.Text;
using HoverFast.Server.Hosting;

namespace HoverFast.Server.Accounts;

/// <summary>Accounts and their sessions, in SQLite beside the results. Of sessions only hashes are kept, of passwords too.</summary>
internal sealed class AccountStore
{
    /// <summary>The fewest letters of a password.</summary>
    public const int ShortestPassword = 10;

    private const int LongestPassword = 200;
    private static readonly TimeSpan _sessionLasts = TimeSpan.FromHours(12);

    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly byte[] _key;

    /// <summary>Opens the store.</summary>
    public AccountStore(string path, TimeProvider time)
    {
        _time = time;
        _database = new Database(
            path,
            """
            CREATE TABLE IF NOT EXISTS account (name TEXT PRIMARY KEY COLLATE NOCASE, role TEXT NOT NULL, password TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS session (hash TEXT PRIMARY KEY, account TEXT NOT NULL, ends INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS provider_session (hash TEXT PRIMARY KEY, account TEXT NOT NULL, role TEXT NOT NULL, ends INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, value BLOB NOT NULL);
            """
        );
        _database.Execute("INSERT OR IGNORE INTO secret VALUES ('changes', $key)", ("$key", RandomNumberGenerator.GetBytes(32)));
        _key = _database.Query("SELECT value FROM secret WHERE name = 'changes'", r => (byte[])r[0])[0];
    }

    /// <summary>All accounts, by name.</summary>
    public IReadOnlyList<Account> All() =>
        _database.Query("SELECT name, role FROM account ORDER BY name", r => new Account(r.GetString(0), Enum.Parse<Role>(r.GetString(1))));

    /// <summary>Whether there is any account.</summary>
    public bool Any() => _database.Query("SELECT 1 FROM account LIMIT 1", r => r.GetInt32(0)).Count > 0;

    /// <summary>Adds an account, or gives one that is there another role and password; its sessions end.</summary>
    /// <exception cref="ArgumentException">The name or password won't do.</exception>
    public void Put(Account account, string password)
    {
        if (account.Name.Length is 0 or > 64 || !account.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@'))
        {
            throw new ArgumentException("a name has 1 to 64 letters, digits, dots, dashes, underscores or @");
        }

        if (password.Length is < ShortestPassword or > LongestPassword)
        {
            throw new ArgumentException($"a password has {ShortestPassword} to {LongestPassword} letters");
        }

        _database.Execute(
            "INSERT INTO account VALUES ($name, $role, $password) ON CONFLICT (name) DO UPDATE SET role = $role, password = $password",
            ("$name", account.Name),
            ("$role", account.Role.ToString()),
            ("$password", PasswordHash.Of(password)));
        EndSessions(account.Name);
    }

    /// <summary>Whether there is an account of a name.</summary>
    public bool Has(string name) => _database.Query("SELECT 1 FROM account WHERE name = $name", r => r.GetInt32(0), ("$name", name)).Count > 0;

    /// <summary>Removes an account and ends its sessions; of somebody who logged in with a provider, ends the sessions.</summary>
    /// <returns>Whether there was any.</returns>
    public bool Remove(string name) => EndSessions(name) + _database.Execute("DELETE FROM account WHERE name = $name", ("$name", name)) > 0;

    /// <summary>Starts a session.</summary>
    /// <returns>The account and the secret of the session; null where name or password is wrong.</returns>
    public (Account Account, string Secret)? LogIn(string name, string password)
    {
        var found = _database.Query(
            "SELECT name, role, password FROM account WHERE name = $name",
            r => (Account: new Account(r.GetString(0), Enum.Parse<Role>(r.GetString(1))), Hash: r.GetString(2)),
            ("$name", name));
        if (
            password.Length > LongestPassword
            || !PasswordHash.Matches(found.Count > 0 ? found[0].Hash : PasswordHash.OfNobody, password)
            || found.Count == 0)
        {
            return null;
        }

        return (found[0].Account, Begin(found[0].Account, fromProvider: false));
    }

    /// <summary>Starts a session for somebody who was asked for a proof already.</summary>
    /// <param name="account">Who.</param>
    /// <param name="fromProvider">Whether a provider vouched for him, and told his role; else he has an account here.</param>
    /// <returns>The secret of the session.</returns>
    public string Begin(Account account, bool fromProvider)
    {
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _database.Execute("DELETE FROM session WHERE ends < $now; DELETE FROM provider_session WHERE ends < $now", ("$now", Now));
        _database.Execute(
            fromProvider
                ? "INSERT INTO provider_session VALUES ($hash, $account, $role, $ends)"
                : "INSERT INTO session VALUES ($hash, $account, $ends)",
            ("$hash", HashOf(secret)),
            ("$account", account.Name),
            ("$role", account.Role.ToString()),
            ("$ends", Now + (long)_sessionLasts.TotalSeconds));
        return secret;
    }

    /// <summary>Whose session a secret is; null where it is nobody's, or over.</summary>
    /// <param name="secret">What the browser sent.</param>
    /// <param name="providers">Whether sessions count that a provider vouched for.</param>
    public Account? Find(string secret, bool providers)
    {
        var found = _database.Query(
            """
            SELECT account.name, account.role FROM session JOIN account ON account.name = session.account WHERE hash = $hash AND ends >= $now
            UNION ALL SELECT account, role FROM provider_session WHERE hash = $hash AND ends >= $now AND $providers
            """,
            r => new Account(r.GetString(0), Enum.Parse<Role>(r.GetString(1))),
            ("$hash", HashOf(secret)),
            ("$now", Now),
            ("$providers", providers));
        return found.Count > 0 ? found[0] : null;
    }

    /// <summary>Ends a session.</summary>
    public void LogOut(string secret) =>
        _database.Execute("DELETE FROM session WHERE hash = $hash; DELETE FROM provider_session WHERE hash = $hash", ("$hash", HashOf(secret)));

    /// <summary>What a page must send with every change (against requests forged by other sites): it goes with the session, and outlives a restart.</summary>
    /// <param name="session">The session's secret; empty where there are no accounts.</param>
    public string ChangeToken(string session) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(session)));

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    private int EndSessions(string account) =>
        _database.Execute(
            "DELETE FROM session WHERE account = $name COLLATE NOCASE; DELETE FROM provider_session WHERE account = $name COLLATE NOCASE",
            ("$name", account));

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
