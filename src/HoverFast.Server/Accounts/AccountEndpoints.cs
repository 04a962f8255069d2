using System.Security.Claims;
using HoverFast.Server.Hosting;

namespace HoverFast.Server.Accounts;

/// <summary>Logging in and out, and who one is.</summary>
internal sealed class AccountEndpoints(AccountStore accounts, ActionLog log, ServerOptions server, TimeProvider time) : IEndpointGroup
{
    private readonly FailedLogIns _failures = new(time);

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
        if (!_failures.MayTry(name))
        {
            throw new RequestException(StatusCodes.Status429TooManyRequests, "Too many wrong passwords for this name; wait five minutes.");
        }

        if (accounts.LogIn(name, credentials.Password ?? "") is not { } session)
        {
            log.Add(context, name, "wrong password", "");
            throw new RequestException(StatusCodes.Status401Unauthorized, "The name or the password is wrong.");
        }

        _failures.Forget(name);

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
}
