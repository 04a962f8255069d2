using System.Security.Claims;
using HoverFast.Server.Hosting;

namespace HoverFast.Server.Accounts;

/// <summary>Logging in and out, and who one is.</summary>
internal sealed class AccountEndpoints(AccountStore accounts, ActionLog log, ServerOptions server, TimeProvider time) : IEndpointGroup
{
    private const int FreeFailures = 5;
    private const int LongestName = 64;
    private static readonly TimeSpan _forgottenAfter = TimeSpan.FromMinutes(5);
    private readonly Dictionary<string, (int Count, DateTimeOffset Last)> _failures = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A name and a password.</summary>
    internal sealed record Credentials(string? Name, string? Password);

    /// <inheritdoc/>
    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/me", Me);
        api.MapPost("/login", LogIn).RequireRateLimiting(ClientLimits.LogIn);
        api.MapPost("/logout", LogOut);
        if (server.Provider is not null)
        {
            api.MapGet("/login/provider", ProviderLogIn.BeginAsync).RequireRateLimiting(ClientLimits.LogIn);
        }

        api.MapGet("/log", () => log.Latest(500)).Needs(Role.Run);
    }

    private IResult Me(HttpContext context) =>
        Results.Ok(
            new
            {
                name = context.User.FindFirstValue(ClaimTypes.Name),
                role = SessionAuthentication.RoleOf(context.User) is var role && Enum.IsDefined(role) ? role.ToString().ToLowerInvariant() : null,
                accounts = server.Provider is not null || accounts.Any(),
                passwords = accounts.Any(),
                provider = server.Provider is { Title: var title } provider ? (title.Length > 0 ? title : new Uri(provider.Authority).Host) : null,
                token = accounts.ChangeToken(context.Request.Cookies[SessionAuthentication.CookieOf(server)] ?? ""),
            });

    private IResult LogIn(HttpContext context, Credentials credentials)
    {
        var name = credentials.Name ?? "";
        if (!MayTry(name))
        {
            throw new RequestException(StatusCodes.Status429TooManyRequests, "Too many wrong passwords for this name; wait five minutes.");
        }

        if (accounts.LogIn(name, credentials.Password ?? "") is not { } session)
        {
            log.Add(context, name, "wrong password", "");
            throw new RequestException(StatusCodes.Status401Unauthorized, "The name or the password is wrong.");
        }

        lock (_failures)
        {
            _failures.Remove(Counted(name));
        }

        log.Add(context, session.Account.Name, "log in", "");
        SessionAuthentication.Begin(context, session.Secret);
        return Results.NoContent();
    }

    private IResult LogOut(HttpContext context)
    {
        if (context.Request.Cookies[SessionAuthentication.CookieOf(server)] is { } secret)
        {
            accounts.LogOut(secret);
            log.Add(context, "log out", "");
        }

        context.Response.Cookies.Delete(SessionAuthentication.CookieOf(server), new CookieOptions { Secure = server.IsEncrypted, Path = "/" });
        return Results.NoContent();
    }

    // Counted per name, known or not, so that many addresses don't help in guessing; and before the password is looked at, so that guesses at once don't.
    private bool MayTry(string name)
    {
        var now = time.GetUtcNow();
        lock (_failures)
        {
            foreach (var (key, failure) in _failures)
            {
                if (now - failure.Last > _forgottenAfter)
                {
                    _failures.Remove(key);
                }
            }

            var before = _failures.GetValueOrDefault(Counted(name)).Count;
            if (before < FreeFailures)
            {
                _failures[Counted(name)] = (before + 1, now);
            }

            return before < FreeFailures;
        }
    }

    // No account has a longer name, and nobody is to fill the memory with them.
    private static string Counted(string name) => name[..Math.Min(name.Length, LongestName)];
}
