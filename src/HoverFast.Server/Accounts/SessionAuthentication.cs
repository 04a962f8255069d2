using System.Security.Claims;
using System.Text.Encodings.Web;
using HoverFast.Server.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace HoverFast.Server.Accounts;

/// <summary>
/// Knows users by the cookie of their session. A server that only this machine reaches needs no accounts: until there is one, or a provider that people
/// log in with, everyone is its owner.
/// </summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    AccountStore accounts,
    ServerOptions server
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "session";

    private const string Owner = "owner";

    /// <summary>The cookie. Its prefix binds it to this host and to https.</summary>
    public static string CookieOf(ServerOptions server) => server.IsEncrypted ? "__Host-hoverfast" : "hoverfast";

    /// <summary>What the user may do; below every role where nobody is logged in.</summary>
    public static Role RoleOf(ClaimsPrincipal user) => Enum.TryParse<Role>(user.FindFirstValue(ClaimTypes.Role), out var role) ? role : (Role)(-1);

    /// <summary>Whether the user is whoever is at this machine, where there are no accounts; an account may be called as he is.</summary>
    public static bool IsOwner(ClaimsPrincipal user) => user.Identity?.AuthenticationType == Owner;

    /// <summary>Gives the browser the secret of its session.</summary>
    public static void Begin(HttpContext context, string secret)
    {
        var server = context.RequestServices.GetRequiredService<ServerOptions>();
        context.Response.Cookies.Append(
            CookieOf(server),
            secret,
            new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Secure = server.IsEncrypted,
                Path = "/",
                IsEssential = true,
            });
    }

    /// <summary>Who sends a request, as of now; null where that is nobody, or no longer anybody.</summary>
    public static Account? AccountOf(HttpRequest request, AccountStore accounts, ServerOptions server)
    {
        var account = request.Cookies[CookieOf(server)] is { Length: 64 } secret ? accounts.Find(secret, server.Provider is not null) : null;
        return account is null && server is { IsLocal: true, Provider: null } && !accounts.Any() ? Account.Local : account;
    }

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var account = AccountOf(Request, accounts, server);
        if (account is null)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var identity = new ClaimsIdentity(
            [new Claim(ClaimTypes.Name, account.Name), new Claim(ClaimTypes.Role, account.Role.ToString())],
            ReferenceEquals(account, Account.Local) ? Owner : Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name)));
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        Answers.WriteAsync(Context, StatusCodes.Status401Unauthorized, "Log in first.");

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Answers.WriteAsync(Context, StatusCodes.Status403Forbidden, "Your account may not do this.");
}
