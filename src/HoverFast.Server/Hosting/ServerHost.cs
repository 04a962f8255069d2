using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using HoverFast.Server.Accounts;
using HoverFast.Server.Jobs;
using HoverFast.Server.Nuclei;
using HoverFast.Server.Review;
using HoverFast.Server.Slides;
using Microsoft.AspNetCore.HttpOverrides;

namespace HoverFast.Server.Hosting;

/// <summary>Puts the server together.</summary>
internal static class ServerHost
{
    /// <summary>Builds the server; it listens once it is started.</summary>
    /// <param name="options">What it serves.</param>
    /// <param name="log">Takes warnings and faults.</param>
    public static WebApplication Build(ServerOptions options, TextWriter log)
    {
        // Nothing but the command line configures it: no environment, no files beside the program.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder
            .WebHost.UseKestrelCore()
            .UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = ClientLimits.MostBody;
                kestrel.Limits.MaxConcurrentConnections = ConnectionShare.All;
                kestrel.Limits.MaxRequestLineSize = 4096;
                kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
                kestrel.Listen(options.Address, options.Port, listen =>
                {
                    // A proxy speaks for all its clients, from one address.
                    if (!options.BehindProxy)
                    {
                        listen.UseConnectionShare();
                    }

                    if (options.Certificate is { } path)
                    {
                        listen.UseHttps(CertificateOf(path));
                    }
                });
            });
        builder.Logging.AddProvider(new TextLog(log, TimeProvider.System)).SetMinimumLevel(LogLevel.Warning);
        AddServices(builder.Services, options);
        var app = builder.Build();
        Map(app, options);
        return app;
    }

    private static void AddServices(IServiceCollection services, ServerOptions options)
    {
        services.AddRoutingCore();
        services.AddHostFiltering(filter =>
        {
            filter.AllowedHosts = [.. HostsOf(options)];
            filter.IncludeFailureMessage = false;
        });

        // The core alone: the rest would keep keys in the home folder.
        services.AddAuthenticationCore(authentication =>
        {
            authentication.AddScheme<SessionAuthentication>(SessionAuthentication.Name, null);
            authentication.DefaultScheme = SessionAuthentication.Name;
        });
        services.AddWebEncoders();
        services.AddTransient<SessionAuthentication>();
        services.AddProviderLogIn(options);
        services.AddAuthorization();
        services.AddClientLimits();
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton(new PageFiles(Path.Combine(AppContext.BaseDirectory, "page")));
        services.AddSingleton(s => new AccountStore(options.Database, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new ActionLog(options.Database, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new SlideFolders(options.SlideFolders));
        services.AddSingleton<SlideCatalogue>();
        services.AddSingleton<OpenSlides>();
        services.AddSingleton<Thumbnails>();
        services.AddSingleton<NucleusIndexes>();
        services.AddSingleton(s => new JobStore(options.Database, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SlideSegmenters>();
        services.AddSingleton<NewResults>();
        if (options.Slurm is null)
        {
            services.AddRunner<LocalRunner>();
        }
        else
        {
            services.AddSingleton<SlurmFollower>();
            services.AddRunner<SlurmRunner>();
        }

        services.AddSingleton<Reviews>();
        services.AddSingleton<Teaching>();

        // One line for each concern of the page.
        services.AddSingleton<IEndpointGroup, AccountEndpoints>();
        services.AddSingleton<IEndpointGroup, SlideEndpoints>();
        services.AddSingleton<IEndpointGroup, NucleusEndpoints>();
        services.AddSingleton<IEndpointGroup, JobEndpoints>();
        services.AddSingleton<IEndpointGroup, ReviewEndpoints>();
        services.AddSingleton<IEndpointGroup, ModelEndpoints>();
    }

    private static void AddRunner<T>(this IServiceCollection services)
        where T : BackgroundService, IJobRunner
    {
        services.AddSingleton<T>();
        services.AddSingleton<IJobRunner>(s => s.GetRequiredService<T>());
        services.AddHostedService(s => s.GetRequiredService<T>());
    }

    private static void Map(WebApplication app, ServerOptions options)
    {
        if (options.BehindProxy)
        {
            // A proxy on this machine only, which is who may connect (the address is loopback's).
            app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor });

            // Browsers reach the proxy by https, whether it says so or not: where a provider sends them back to begins so.
            app.Use((context, next) =>
            {
                context.Request.Scheme = Uri.UriSchemeHttps;
                return next(context);
            });
        }

        var metrics = app.Services.GetRequiredService<ServerMetrics>();
        app.Use(metrics.MeasureAsync);
        app.UseMiddleware<ProblemAnswers>();
        app.UseHostFiltering();
        app.UseRouting();
        if (options.Provider is not null)
        {
            // What comes next answers the provider's way back, before the limits of all else.
            app.UseCallbackLimit();
        }

        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseMiddleware<ChangeGuard>();
        app.UseAuthorization();
        var api = app.MapGroup("/api");
        foreach (var group in app.Services.GetServices<IEndpointGroup>())
        {
            group.Map(api);
        }

        app.MapGet("/health", () => Results.Text("ok"));
        app.MapGet("/metrics", () => Results.Text(metrics.ToText(), "application/openmetrics-text; version=1.0.0; charset=utf-8")).Needs(Role.Run);
        app.MapGet("/{**path}", app.Services.GetRequiredService<PageFiles>().AnswerAsync);
    }

    private static IEnumerable<string> HostsOf(ServerOptions options)
    {
        // The framework takes 0.0.0.0 and [::] for any name at all.
        IEnumerable<string> address = options.IsOnAllAddresses ? [] : [options.Address.ToString()];
        IEnumerable<string> loopback = options.IsOnAllAddresses || IPAddress.IsLoopback(options.Address) ? ["localhost", "127.0.0.1", "::1"] : [];
        return address.Concat(loopback).Concat(options.HostNames).Select(AsInAddresses);
    }

    // Browsers write IPv6 addresses in brackets, and keep to themselves by which network they reach them.
    private static string AsInAddresses(string host) =>
        IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[{new IPAddress(address.GetAddressBytes())}]"
            : host;

    private static X509Certificate2 CertificateOf(string path) =>
        Path.GetExtension(path).ToUpperInvariant() is ".PFX" or ".P12"
            ? X509CertificateLoader.LoadPkcs12FromFile(path, Environment.GetEnvironmentVariable("HOVERFAST_CERTIFICATE_PASSWORD"))
            : X509Certificate2.CreateFromPemFile(path);
}
