using System.Security.Claims;
using HoverFast.Server.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace HoverFast.Server.Accounts;

/// <summary>
/// Logging in with an OpenID Connect provider: the authorization code flow with PKCE, state and nonce. What comes of it is a session of our own, as with a
/// password; nothing of the provider's tokens is kept.
/// </summary>
internal static class ProviderLogIn
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "provider";

    /// <summary>Where the provider sends browsers back to; it must know this address.</summary>
    public const string Callback = "/api/login/callback";

    /// <summary>Adds it, where the server was given a provider.</summary>
    public static IServiceCollection AddProviderLogIn(this IServiceCollection services, ServerOptions server)
    {
        if (server.Provider is not { } provider)
        {
            return services;
        }

        // State and nonce live as long as somebody logs in: their key needs no file, as AddDataProtection would keep in the home folder.
        services.AddSingleton<IDataProtectionProvider>(s => new EphemeralDataProtectionProvider(s.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IAuthenticationConfigurationProvider, NoConfiguration>();
        new AuthenticationBuilder(services).AddOpenIdConnect(Name, options => Configure(options, provider, server));
        return services;
    }

    /// <summary>Sends the browser to the provider.</summary>
    public static async Task BeginAsync(HttpContext context, ILogger<IdentityProvider> logger)
    {
        try
        {
            await context.ChallengeAsync(Name, new AuthenticationProperties { RedirectUri = "/" });
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or OpenIdConnectProtocolException)
        {
            logger.LogWarning(e, "The identity provider can't be asked.");
            context.Response.Redirect("/?login=unreachable");
        }
    }

    private static void Configure(OpenIdConnectOptions options, IdentityProvider provider, ServerOptions server)
    {
        options.Authority = provider.Authority;
        options.ClientId = provider.ClientId;
        options.ClientSecret = provider.ClientSecret;
        options.RequireHttpsMetadata = provider.Authority.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        options.SignInScheme = SessionAuthentication.Name;
        options.CallbackPath = Callback;
        options.ResponseType = OpenIdConnectResponseType.Code;

        // Browsers come back by GET, so that the cookies of the way need not be sent with other sites' forms.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.SaveTokens = false;
        options.MapInboundClaims = false;
        options.GetClaimsFromUserInfoEndpoint = provider.UserInfo;
        options.TokenValidationParameters.ClockSkew = TimeSpan.FromMinutes(1);
        options.RemoteAuthenticationTimeout = TimeSpan.FromMinutes(10);
        options.BackchannelTimeout = TimeSpan.FromSeconds(15);
        options.RemoteSignOutPath = default;
        options.SignedOutCallbackPath = default;
        options.Scope.Clear();
        foreach (var scope in provider.Scopes.Prepend("openid").Distinct(StringComparer.Ordinal))
        {
            options.Scope.Add(scope);
        }

        if (provider.UserInfo)
        {
            options.ClaimActions.MapAll();
        }

        foreach (var cookie in new[] { options.NonceCookie, options.CorrelationCookie })
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = server.IsEncrypted ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        }

        // The library lets tokens without a signature pass where they come from the provider by https. We don't.
        options.Events.OnTokenValidated = context =>
        {
            if (context.SecurityToken is not { RawSignature.Length: > 0 } token || token.Header.Alg == SecurityAlgorithms.None)
            {
                context.Fail("The token is not signed.");
            }

            return Task.CompletedTask;
        };
        options.Events.OnTicketReceived = context => ReceiveAsync(context, provider);
        options.Events.OnRemoteFailure = context =>
        {
            var services = context.HttpContext.RequestServices;
            services.GetRequiredService<ILogger<IdentityProvider>>().LogWarning(context.Failure, "Somebody could not be logged in.");
            services.GetRequiredService<ActionLog>().Add(context.HttpContext, "", "log in refused", provider.Authority);
            context.Response.Redirect("/?login=failed");
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }

    private static Task ReceiveAsync(TicketReceivedContext context, IdentityProvider provider)
    {
        var services = context.HttpContext.RequestServices;
        var accounts = services.GetRequiredService<AccountStore>();
        var log = services.GetRequiredService<ActionLog>();
        var person = context.Principal!;
        var account = provider.AccountOf(person);
        if (account is null || accounts.Has(account.Name))
        {
            // Nobody comes in under a name that has a password here.
            log.Add(context.HttpContext, person.FindFirstValue("sub") ?? "", "log in refused", provider.Authority);
            context.Response.Redirect("/?login=refused");
        }
        else
        {
            SessionAuthentication.Begin(context.HttpContext, accounts.Begin(account, fromProvider: true));
            log.Add(context.HttpContext, account.Name, "log in", person.FindFirstValue("sub") ?? "");
            context.Response.Redirect("/");
        }

        context.HandleResponse();
        return Task.CompletedTask;
    }

    /// <summary>Nothing but the provider's own file configures it.</summary>
    private sealed class NoConfiguration : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration { get; } = new ConfigurationBuilder().Build();
    }
}
