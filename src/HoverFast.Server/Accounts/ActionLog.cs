using System.Security.Claims;
using HoverFast.Server.Hosting;

namespace HoverFast.Server.Accounts;

/// <summary>Who did what and when.</summary>
internal sealed class ActionLog(string path, TimeProvider time)
{
    private readonly Database _database = new(
        path,
        """
        CREATE TABLE IF NOT EXISTS action (number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, account TEXT NOT NULL, verb TEXT NOT NULL,
            subject TEXT NOT NULL, address TEXT NOT NULL);
        """
    );

    /// <summary>One action.</summary>
    /// <param name="At">When, in UTC.</param>
    /// <param name="Account">Who.</param>
    /// <param name="Verb">What, for example "start".</param>
    /// <param name="Subject">To what.</param>
    /// <param name="Address">From where.</param>
    internal sealed record Entry(string At, string Account, string Verb, string Subject, string Address);

    /// <summary>Adds an action of the request's user.</summary>
    public void Add(HttpContext context, string verb, string subject) => Add(context, context.User.FindFirstValue(ClaimTypes.Name) ?? "", verb, subject);

    /// <summary>Adds an action of somebody who isn't logged in yet.</summary>
    public void Add(HttpContext context, string account, string verb, string subject) =>
        _database.Execute(
            "INSERT INTO action (at, account, verb, subject, address) VALUES ($at, $account, $verb, $subject, $address)",
            ("$at", time.GetUtcNow().ToString("u")),
            ("$account", account[..Math.Min(account.Length, 64)]),
            ("$verb", verb),
            ("$subject", subject),
            ("$address", context.Connection.RemoteIpAddress?.ToString() ?? ""));

    /// <summary>The latest actions, the last one first.</summary>
    public IReadOnlyList<Entry> Latest(int count) =>
        _database.Query(
            "SELECT at, account, verb, subject, address FROM action ORDER BY number DESC LIMIT $count",
            r => new Entry(r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4)),
            ("$count", count));
}
