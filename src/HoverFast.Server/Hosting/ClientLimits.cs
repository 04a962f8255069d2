using System.Security.Claims;
using System.Threading.RateLimiting;
using HoverFast.Server.Accounts;
using Microsoft.AspNetCore.RateLimiting;

namespace HoverFast.Server.Hosting;

/// <summary>What one client may ask for, so that it can't starve the rest. A client is an account, or an address where nobody is logged in.</summary>
internal static class ClientLimits
{
    /// <summary>The policy of logging in.</summary>
    public const string LogIn = "log in";

    /// <summary>The policy of what costs the server work: tiles, queries, exports.</summary>
    public const string Work = "work";

    /// <summary>The policy of connections that stay open.</summary>
    public const string Watching = "watching";

    /// <summary>Bytes of a request's body.</summary>
    public const long MostBody = 1 << 20;

    private const int LogInsAMinute = 20;
    private const int RequestsASecond = 400;
    private const int RequestsAtOnce = 2000;
    private const int AtWork = 4;
    private const int Waiting = 600;
    private const int WatchesAtOnce = 20;

    /// <summary>Adds the limits.</summary>
    public static IServiceCollection AddClientLimits(this IServiceCollection services) =>
        services.AddRateLimiter(options =>
        {
            options.OnRejected = RefuseAsync;
            options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
                RateLimitPartition.GetTokenBucketLimiter(ClientOf(context), _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = RequestsAtOnce,
                    TokensPerPeriod = RequestsASecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                    QueueLimit = 0,
                }));
            options.AddPolicy(LogIn, LogInsOf);
            options.AddPolicy(Watching, context =>
                RateLimitPartition.GetConcurrencyLimiter(ClientOf(context), _ => new ConcurrencyLimiterOptions
                {
                    PermitLimit = WatchesAtOnce,
                    QueueLimit = 0,
                }));
            options.AddPolicy(Work, context => RateLimitPartition.GetConcurrencyLimiter(ClientOf(context), _ => new ConcurrencyLimiterOptions
                {
                    PermitLimit = AtWork,
                    QueueLimit = Waiting,
                    QueueProcessingOrder = QueueProcessingOrder.NewestFirst,
                }));
        });

    /// <summary>Holds those who come back from a provider to the limit of logging in: the log of what they are refused would grow without an end.</summary>
    public static IApplicationBuilder UseCallbackLimit(this IApplicationBuilder app)
    {
        var limit = new RateLimiterOptions { OnRejected = RefuseAsync, GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(LogInsOf) };
        return app.UseWhen(context => context.Request.Path == ProviderLogIn.Callback, callback => callback.UseRateLimiter(limit));
    }

    private static ValueTask RefuseAsync(OnRejectedContext context, CancellationToken cancellation) =>
        new(Answers.WriteAsync(context.HttpContext, StatusCodes.Status429TooManyRequests, "Too many requests; wait a little."));

    private static RateLimitPartition<string> LogInsOf(HttpContext context) =>
        RateLimitPartition.GetFixedWindowLimiter(AddressOf(context), _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = LogInsAMinute,
            Window = TimeSpan.FromMinutes(1),
            QueueLimit = 0,
        });

    private static string ClientOf(HttpContext context) => context.User.FindFirstValue(ClaimTypes.Name) ?? AddressOf(context);

    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}
