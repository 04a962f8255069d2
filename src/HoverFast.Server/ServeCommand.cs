using System.CommandLine;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using HoverFast.Cli;
using HoverFast.Cli.Options;
using HoverFast.Cli.Telemetry;
using HoverFast.Cluster.Batches;
using HoverFast.Cluster.Slurm;
using HoverFast.Server.Accounts;
using HoverFast.Server.Hosting;
using HoverFast.Server.Jobs;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace HoverFast.Server;

/// <summary>The command line: <c>hoverfast serve</c> hands it on as it is.</summary>
internal static class ServeCommand
{
    /// <summary>Parses and runs a command line; returns the exit code.</summary>
    /// <param name="args">The command line.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        using var signals = new StopSignals(StopSignals.TimeToClose);
        return await RunAsync(args, new InvocationConfiguration { ProcessTerminationTimeout = null }, signals.Token);
    }

    /// <summary>Parses and runs a command line; returns the exit code.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configuration">Where it writes.</param>
    /// <param name="cancellation">Ends the server as a signal does.</param>
    public static async Task<int> RunAsync(string[] args, InvocationConfiguration configuration, CancellationToken cancellation)
    {
        var parsed = Make().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await configuration.Error.WriteLineAsync("error: " + error.Message);
            }

            await configuration.Error.WriteLineAsync("'hoverfast serve --help' tells what can be given.");
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(configuration, cancellation);
    }

    private static RootCommand Make()
    {
        var results = new Argument<string>("RESULTS")
        {
            Description = "The folder of results; new ones go there, and the server's own files into .viewer within it.",
        };
        var slides = new Option<string[]>("--slides")
        {
            Description = "Folders of slides. Nothing outside of them is read.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
            HelpName = "FOLDER",
        };
        var port = new Option<int>("--port")
        {
            Description = "The TCP port; 0 takes a free one.",
            DefaultValueFactory = _ => 5080,
            HelpName = "NUMBER",
        };
        var listen = new Option<string?>("--listen")
        {
            Description = "Listen on this address of the machine instead of the loopback; needs accounts and --certificate; 0.0.0.0 and :: --host-name too.",
            HelpName = "ADDRESS",
        };
        var hosts = new Option<string[]>("--host-name")
        {
            Description = "A name or address that browsers call the server by, beside the address that it listens on. Repeatable.",
            HelpName = "NAME",
        };
        var certificate = new Option<string?>("--certificate")
        {
            Description = "Certificate with its key for https: PFX (password in HOVERFAST_CERTIFICATE_PASSWORD) or PEM.",
            HelpName = "FILE",
        };
        var proxy = new Option<bool>("--behind-proxy")
        {
            Description = "A reverse proxy on this machine ends https and hands requests on to the loopback; needs accounts and --host-name.",
        };
        var oidc = new Option<string?>("--oidc")
        {
            Description = "Let people log in with an OpenID Connect provider, which this JSON file names (docs/viewer.md).",
            HelpName = "FILE",
        };
        var mpp = new Option<double?>("--mpp") { Description = "Pixel size in um of slides that state none.", HelpName = "UM" };
        var threads = new Option<int?>("--threads")
        {
            Description = "Threads of a segmentation that is started from the page; all by default.",
            HelpName = "NUMBER",
        };
        var runner = new Option<string>("--runner")
        {
            Description = "Where segmentations run that are started from the page: local (in the server) or slurm (each as a job of Slurm's).",
            DefaultValueFactory = _ => "local",
        };
        runner.AcceptOnlyFromAmong("local", "slurm");
        var slurm = new SlurmTaskOptions();
        var teach = new Option<string[]>("--teach-option")
        {
            Description = "An option of 'hoverfast adapt' for models that are taught from the page, for example --teach-option=--steps=100. Repeatable.",
            HelpName = "OPTION",
        };
        var root = new RootCommand("Shows slides with their nuclei in the browser, and segments slides from there.")
        {
            results,
            slides,
            port,
            listen,
            hosts,
            certificate,
            proxy,
            oidc,
            mpp,
            threads,
            teach,
            runner,
            UserCommand.Make(),
        };
        slurm.AddTo(root);
        root.SetAction(
            async (parsed, cancellation) =>
            {
                var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
                var address = IPAddress.Loopback;
                if (parsed.GetValue(listen) is { } given && !IPAddress.TryParse(given, out address))
                {
                    return await Refuse(error, $"--listen {given}: give an address of this machine, such as 192.168.1.20.", ExitCode.Usage);
                }

                IdentityProvider? provider = null;
                try
                {
                    provider = parsed.GetValue(oidc) is { } file ? IdentityProvider.Read(file) : null;
                }
                catch (InvalidDataException e)
                {
                    return await Refuse(error, e.Message, ExitCode.CannotStart);
                }

                SlurmSettings? settings = null;
                if (parsed.GetValue(runner) == "slurm")
                {
                    settings = new SlurmSettings(slurm.Request(parsed, new SlurmRequest()), slurm.Program(parsed) ?? SlurmSettings.FindProgram() ?? "");
                    if (await settings.ProblemAsync(cancellation) is { } reason)
                    {
                        return await Refuse(error, reason, ExitCode.CannotStart);
                    }
                }
                else if (slurm.FirstGiven(parsed) is { } option)
                {
                    return await Refuse(error, $"{option} is for --runner slurm.", ExitCode.Usage);
                }

                var options = new ServerOptions
                {
                    Results = Path.GetFullPath(parsed.GetRequiredValue(results)),
                    SlideFolders = [.. parsed.GetRequiredValue(slides).Select(Path.GetFullPath)],
                    Port = parsed.GetValue(port),
                    Address = address,
                    HostNames = parsed.GetValue(hosts) ?? [],
                    Certificate = parsed.GetValue(certificate),
                    Provider = provider,
                    BehindProxy = parsed.GetValue(proxy),
                    Mpp = parsed.GetValue(mpp),
                    Threads = parsed.GetValue(threads),
                    Slurm = settings,
                    TeachingOptions = parsed.GetValue(teach) ?? [],
                };
                return ProblemOf(options) is { } problem
                    ? await Refuse(error, problem, ExitCode.CannotStart)
                    : await ServeAsync(options, output, error, cancellation);
            });
        return root;
    }

    /// <summary>Why the server may not start so; null where it may.</summary>
    private static string? ProblemOf(ServerOptions options)
    {
        if (options.SlideFolders.FirstOrDefault(f => !Directory.Exists(f)) is { } missing)
        {
            return $"{missing}: there is no such folder of slides.";
        }

        if (options.Port is < 0 or > 65535)
        {
            return $"--port {options.Port}: a port is a number up to 65535.";
        }

        if (options.Certificate is { } certificate && !File.Exists(certificate))
        {
            return $"{certificate}: there is no such certificate.";
        }

        if (options.Mpp is <= 0 or > 5 or double.NaN || options.Threads is < 1)
        {
            return "--mpp lies above 0 and up to 5, --threads above 0.";
        }

        if (options.BehindProxy && (!IPAddress.IsLoopback(options.Address) || options.HostNames.Count == 0))
        {
            return "--behind-proxy hands requests on to the loopback: leave --listen out, and give the name that browsers use with --host-name.";
        }

        if (!IPAddress.IsLoopback(options.Address) && !options.IsEncrypted)
        {
            return "Other machines may reach it only by https: give a --certificate, or let a reverse proxy do that (--behind-proxy).";
        }

        if (options.HostNames.FirstOrDefault(IsAnyName) is { } any)
        {
            return $"--host-name {any} would answer to every name: give the name that browsers use, such as slides.lab.example.";
        }

        if (options.IsOnAllAddresses && options.HostNames.Count == 0)
        {
            return $"--listen {options.Address} listens on all addresses of this machine: give the names or addresses that browsers use with --host-name.";
        }

        return
            options is { IsLocal: false, Provider: null } && !(File.Exists(options.Database) && new AccountStore(options.Database, TimeProvider.System).Any())
            ? "Other machines may reach it only with accounts: add one first with 'hoverfast serve user add NAME --results RESULTS --role run', or give a provider with --oidc."
            : null;
    }

    // What the filter of host names lets all of them pass for.
    private static bool IsAnyName(string host) =>
        host is "*" || (IPAddress.TryParse(host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));

    private static async Task<int> ServeAsync(ServerOptions options, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        using var export = OpenExport(error);
        Directory.CreateDirectory(options.Results);
        WebApplication built;
        try
        {
            built = ServerHost.Build(options, error);
        }
        catch (CryptographicException e)
        {
            return await Refuse(
                error,
                $"{options.Certificate}: is no certificate with its key, PFX (password in HOVERFAST_CERTIFICATE_PASSWORD) or PEM: {e.Message}",
                ExitCode.CannotStart);
        }

        await using var app = built;
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Success;
        }
        catch (IOException e)
        {
            return await Refuse(error, $"the server can't listen on port {options.Port}: {e.Message}", ExitCode.CannotStart);
        }

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await output.WriteLineAsync($"HoverFast shows {options.Results} at {address}");
        if (!app.Services.GetRequiredService<PageFiles>().IsThere)
        {
            await output.WriteLineAsync(
                "The page is missing: the server was built without Node 20. Install it and build src/HoverFast.Server again (docs/viewer.md).");
        }

        await app.WaitForShutdownAsync(cancellation);
        return ExitCode.Success;
    }

    /// <summary>Sends spans and figures where OpenTelemetry's environment variables name a collector; null where they name none.</summary>
    private static IDisposable? OpenExport(TextWriter error)
    {
        var request = OtlpRequest.Read(Environment.GetEnvironmentVariable, out var problem);
        if (problem is not null)
        {
            error.WriteLine("note: " + problem);
        }

        return request is null ? null : Export(request);
    }

    // A method of its own: OpenTelemetry's assemblies are loaded when it is compiled, which is when it is called.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static OpenTelemetryExport Export(OtlpRequest request) =>
        new(request, "hoverfast-serve", [ServerMetrics.MeterName, BatchInstruments.Name], isQuiet: false);

    private static async Task<int> Refuse(TextWriter error, string problem, int code)
    {
        await error.WriteLineAsync("error: " + problem);
        return code;
    }
}
