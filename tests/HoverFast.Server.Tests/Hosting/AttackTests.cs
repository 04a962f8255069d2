using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using HoverFast.Server.Accounts;
using HoverFast.Server.Hosting;
using HoverFast.Tests;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace HoverFast.Server.Tests.Hosting;

/// <summary>What somebody tries who wants more than he may have: files, changes, other people's sessions, the server's time.</summary>
public sealed class AttackTests(SegmentedSlides data) : IDisposable
{
    private const string Secret = "a secret that must not be seen";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A path of a client's never reaches the disk, however it is written.</summary>
    [Fact]
    public async Task NoPathLeadsOutOfTheServersFiles()
    {
        var results = data.CopyResults(_folder);
        await File.WriteAllTextAsync(_folder.File("secret.txt"), Secret, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(results, "secret.txt"), Secret, TestContext.Current.CancellationToken);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        var ups = new[]
        {
            "../",
            "..%2f",
            "%2e%2e/",
            "%2e%2e%2f",
            "..%5c",
            "%252e%252e%252f",
            "..%c0%af",
            "....//",
            "%5c%5chost%5cshare%5c",
            "//host/share/",
            "%00",
            "~/",
            "file:///",
        };
        string[] before =
        [
            "/",
            "/assets/",
            "/api/",
            "/api/slides/",
            $"/api/slides/{id}/",
            $"/api/slides/{id}/pictures/",
            $"/api/slides/{id}/nuclei/export/",
        ];
        string[] after = ["secret.txt", "results/secret.txt", "results/.viewer/server.db", "etc/passwd"];
        foreach (var path in before.SelectMany(b => ups.SelectMany(u => after.SelectMany(a => new[] { b + u + a, b + u + u + u + u + u + a }))))
        {
            var uri = new Uri(server.Address.OriginalString + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
            using var answer = await server.Client.GetAsync(uri, TestContext.Current.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True((int)answer.StatusCode is >= 400 and < 500, $"{path}: {answer.StatusCode}");
            Assert.False(
                text.Contains(Secret, StringComparison.Ordinal)
                    || text.Contains("root:", StringComparison.Ordinal)
                    || text.Contains("SQLite", StringComparison.Ordinal),
                path);
        }
    }

    /// <summary>Links in the folder of slides that lead elsewhere are no slides; nor are outputs that a manifest places elsewhere.</summary>
    [Fact]
    public async Task LinksAndManifestsDontLeadOutOfTheFolders()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need rights there");
        var outside = Directory.CreateDirectory(_folder.File("outside")).FullName;
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        File.Copy(Path.Combine(data.Slides, SegmentedSlides.New + ".svs"), Path.Combine(outside, "theirs.svs"));
        File.Copy(Path.Combine(data.Slides, SegmentedSlides.New + ".svs"), Path.Combine(slides, "ours.svs"));
        File.CreateSymbolicLink(Path.Combine(slides, "link.svs"), Path.Combine(outside, "theirs.svs"));
        File.CreateSymbolicLink(Path.Combine(slides, "circle.svs"), Path.Combine(slides, "circle.svs"));
        Directory.CreateSymbolicLink(Path.Combine(slides, "folder"), outside);
        File.CreateSymbolicLink(Path.Combine(slides, "same.svs"), Path.Combine(slides, "ours.svs"));

        var results = data.CopyResults(_folder);
        var manifest = Path.Combine(results, SegmentedSlides.Done + ".manifest.json");
        File.Move(Path.Combine(results, SegmentedSlides.Done + ".geojson.gz"), Path.Combine(outside, "theirs.geojson.gz"));
        await File.WriteAllTextAsync(
            manifest,
            (await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken)).Replace(
                SegmentedSlides.Done + ".geojson.gz",
                "../outside/theirs.geojson.gz",
                StringComparison.Ordinal),
            TestContext.Current.CancellationToken);

        using var server = await RunningServer.StartAsync(results, slides);
        Assert.Equal(
            [SegmentedSlides.Done, "ours", "same"],
            (await server.GetAsync("/api/slides")).EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.Equal("none", (await server.NucleiAsync(await server.IdOfAsync(SegmentedSlides.Done))).GetProperty("state").GetString());
    }

    /// <summary>A link that leads out by way of another one is followed to its end, for slides and for what a manifest names.</summary>
    [Fact]
    public async Task LinksByWayOfLinksDontLeadOutEither()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need rights there");
        var outside = Directory.CreateDirectory(_folder.File("outside")).FullName;
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        File.Copy(Path.Combine(data.Slides, SegmentedSlides.New + ".svs"), Path.Combine(outside, "secret.svs"));
        var inside = Directory.CreateDirectory(Path.Combine(slides, "inside")).FullName;
        File.Copy(Path.Combine(data.Slides, SegmentedSlides.New + ".svs"), Path.Combine(inside, "ours.svs"));
        Directory.CreateSymbolicLink(Path.Combine(slides, "dir"), outside);
        Directory.CreateSymbolicLink(Path.Combine(slides, "there"), "inside");
        File.CreateSymbolicLink(Path.Combine(slides, "link.svs"), "dir/secret.svs");
        File.CreateSymbolicLink(Path.Combine(slides, "up.svs"), "inside/../dir/../outside/secret.svs");
        File.CreateSymbolicLink(Path.Combine(slides, "same.svs"), "there/../there/ours.svs");
        Directory.CreateSymbolicLink(Path.Combine(slides, "round"), "about");
        Directory.CreateSymbolicLink(Path.Combine(slides, "about"), "round");
        File.CreateSymbolicLink(Path.Combine(slides, "circle.svs"), "round/secret.svs");

        var results = data.CopyResults(_folder);
        var nuclei = SegmentedSlides.Done + ".geojson.gz";
        File.Move(Path.Combine(results, nuclei), Path.Combine(outside, nuclei));
        Directory.CreateSymbolicLink(Path.Combine(results, "dir"), outside);
        var manifest = Path.Combine(results, SegmentedSlides.Done + ".manifest.json");
        await File.WriteAllTextAsync(
            manifest,
            (await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken)).Replace(nuclei, "dir/" + nuclei, StringComparison.Ordinal),
            TestContext.Current.CancellationToken);

        // The folders themselves may be reached by links.
        Directory.CreateSymbolicLink(_folder.File("shown"), slides);
        using var server = await RunningServer.StartAsync(results, _folder.File("shown"));
        Assert.Equal(
            [SegmentedSlides.Done, "ours", "same"],
            (await server.GetAsync("/api/slides")).EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.Equal("none", (await server.NucleiAsync(await server.IdOfAsync(SegmentedSlides.Done))).GetProperty("state").GetString());
    }

    /// <summary>Every endpoint says who may call it; those that don't are the few one needs to log in.</summary>
    [Fact]
    public void EveryEndpointNeedsARole()
    {
        var options = new ServerOptions
        {
            Results = _folder.File("results"),
            SlideFolders = [data.Slides],
            Port = 0,
        };
        using var app = ServerHost.Build(options, TextWriter.Null);
        var open = ((IEndpointRouteBuilder)app)
            .DataSources.SelectMany(d => d.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<IAuthorizeData>() is null && e.Metadata.GetMetadata<AuthorizationPolicy>() is null)
            .Select(e => e.RoutePattern.RawText!.TrimEnd('/'));
        Assert.Equal(["/api/login", "/api/logout", "/api/me", "/health", "/{**path}"], open.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task WithoutAnAccountNothingIsToldAndTheLowestRoleChangesNothing()
    {
        var results = data.CopyResults(_folder);
        AddUser(results, "anna", Role.Look);
        AddUser(results, "rita", Role.Run);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var id = SlideId(SegmentedSlides.Done);
        string[] reads =
        [
            "/api/slides",
            $"/api/slides/{id}",
            $"/api/slides/{id}/thumbnail",
            $"/api/slides/{id}/tiles/0/0/0",
            $"/api/slides/{id}/nuclei",
            $"/api/slides/{id}/nuclei/at?x=1&y=1",
            "/api/jobs",
            "/api/jobs/events",
            "/api/log",
            "/metrics",
        ];
        foreach (var path in reads)
        {
            using var answer = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{path}: {answer.StatusCode}");
        }

        using var guessed = new HttpRequestMessage(HttpMethod.Get, "/api/slides");
        guessed.Headers.Add("Cookie", "hoverfast=" + new string('0', 64));
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.SendAsync(guessed, TestContext.Current.CancellationToken)).StatusCode);

        using var anna = await LogInAsync(server, "anna");
        Assert.Equal(HttpStatusCode.OK, (await anna.GetAsync("/api/slides", TestContext.Current.CancellationToken)).StatusCode);
        foreach (var path in new[] { "/api/log", $"/api/slides/{id}/pictures/label", "/metrics" })
        {
            using var answer = await anna.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{path}: {answer.StatusCode}");
        }

        var choice = new { slides = new[] { SlideId(SegmentedSlides.New) } };
        Assert.Equal(HttpStatusCode.Forbidden, (await RunningServer.ChangeAsync(anna, HttpMethod.Post, "/api/jobs", choice)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await RunningServer.ChangeAsync(anna, HttpMethod.Post, "/api/jobs/estimate", choice)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await RunningServer.ChangeAsync(anna, HttpMethod.Delete, "/api/jobs/1")).StatusCode);
        Assert.False(File.Exists(Path.Combine(results, SegmentedSlides.New + ".journal")));

        // Who is removed is out at once; who logs out, too.
        Assert.Equal(0, (await RunningServer.RunAsync("user", "remove", "anna", "--results", results)).Code);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anna.GetAsync("/api/slides", TestContext.Current.CancellationToken)).StatusCode);
        using var rita = await LogInAsync(server, "rita");
        Assert.Equal(HttpStatusCode.OK, (await rita.GetAsync("/api/log", TestContext.Current.CancellationToken)).StatusCode);
        await RunningServer.ChangeAsync(rita, HttpMethod.Post, "/api/logout");
        Assert.Equal(HttpStatusCode.Unauthorized, (await rita.GetAsync("/api/log", TestContext.Current.CancellationToken)).StatusCode);
    }

    /// <summary>Whose account is removed hears nothing more from a stream that he opened before.</summary>
    [Fact]
    public async Task AStreamOfJobsEndsWithTheAccount()
    {
        var results = data.CopyResults(_folder);
        AddUser(results, "anna", Role.Look);
        AddUser(results, "rita", Role.Run);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        using var anna = await LogInAsync(server, "anna");
        using var events = new StreamReader(await anna.GetStreamAsync("/api/jobs/events", TestContext.Current.CancellationToken));
        Assert.Equal("event: jobs", await events.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Equal("data: []", await events.ReadLineAsync(TestContext.Current.CancellationToken));

        Assert.Equal(0, (await RunningServer.RunAsync("user", "remove", "anna", "--results", results)).Code);
        using var rita = await LogInAsync(server, "rita");
        var choice = new { slides = new[] { SlideId(SegmentedSlides.New) } };
        Assert.Equal(HttpStatusCode.Accepted, (await RunningServer.ChangeAsync(rita, HttpMethod.Post, "/api/jobs", choice)).StatusCode);
        var rest = "";
        while (await events.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            rest += line;
            Assert.DoesNotContain("data:", rest, StringComparison.Ordinal);
        }
    }

    /// <summary>A change needs the token that only the page can read, and no sign of another site.</summary>
    [Fact]
    public async Task ChangesThatAnotherSiteForgesAreRefused()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var body = new { slides = new[] { SlideId(SegmentedSlides.New) } };
        using var bare = await server.Client.PostAsJsonAsync("/api/jobs", body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, bare.StatusCode);
        using var form = await server.Client.PostAsync("/api/jobs", new FormUrlEncodedContent([]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, form.StatusCode);
        var token = (await server.GetAsync("/api/me")).GetProperty("token").GetString();
        foreach (
            var (site, sent) in new[] { ("cross-site", token), ("same-site", token), ("none", token), ("same-origin", "0"), ("same-origin", token + "0") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/jobs") { Content = JsonContent.Create(body) };
            request.Headers.Add("Sec-Fetch-Site", site);
            request.Headers.Add(ChangeGuard.Header, sent);
            Assert.Equal(HttpStatusCode.Forbidden, (await server.Client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
        }

        Assert.Empty((await server.GetAsync("/api/jobs")).EnumerateArray());
        using var page = await server.Client.GetAsync("/api/me", TestContext.Current.CancellationToken);
        Assert.False(page.Headers.Contains("Access-Control-Allow-Origin"));
    }

    /// <summary>A name that leads to this machine but isn't its own (DNS rebinding) gets nothing.</summary>
    [Fact]
    public async Task AnotherHostNameIsRefused()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/me");
        request.Headers.Host = "evil.example";
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    /// <summary>Listening on all addresses opens no name but those given: to the framework 0.0.0.0 and [::] stand for any.</summary>
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public async Task OnAllAddressesOnlyTheNamesGivenAreAnswered(string address)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6 || address == "0.0.0.0", "needs IPv6");
        await using var app = Build(address, "slides.example", "192.168.1.20", "fd00::2");
        await app.StartAsync(TestContext.Current.CancellationToken);
        var port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        foreach (var host in new[] { "slides.example", "192.168.1.20", "[fd00::2]", "localhost", "127.0.0.1", "[::1]" })
        {
            Assert.True(await AskAsync(host) == HttpStatusCode.OK, host);
        }

        foreach (var host in new[] { "evil.example", "0.0.0.0", "[::]", "192.168.1.21" })
        {
            Assert.True(await AskAsync(host) == HttpStatusCode.BadRequest, host);
        }

        async Task<HttpStatusCode> AskAsync(string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
            request.Headers.Host = host;
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    /// <summary>An address is what browsers call the server by as they write it: in brackets, and without the network's number.</summary>
    [Theory]
    [InlineData("fd00::2", "[fd00::2]")]
    [InlineData("fe80::1%2", "[fe80::1]")]
    [InlineData("192.168.1.20", "192.168.1.20")]
    [InlineData("127.0.0.2", "127.0.0.2")]
    public async Task TheAddressIsAHostName(string address, string host)
    {
        await using var app = Build(address, "slides.example");
        var allowed = app.Services.GetRequiredService<IOptions<HostFilteringOptions>>().Value.AllowedHosts;
        Assert.Superset(new HashSet<string> { host, "slides.example" }, allowed.ToHashSet());
        Assert.Equal(IPAddress.IsLoopback(IPAddress.Parse(address)), allowed.Contains("localhost"));
    }

    [Fact]
    public async Task AnswersRunNothingAndAreFramedNowhere()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        foreach (var path in new[] { "/", "/api/me", "/nothing", "/api/slides/x" })
        {
            using var answer = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task PasswordsCantBeGuessedInARow()
    {
        var results = data.CopyResults(_folder);
        AddUser(results, "rita", Role.Run);
        Assert.DoesNotContain(
            PasswordOf("rita"),
            Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Path.Combine(results, ".viewer", "server.db"), TestContext.Current.CancellationToken)),
            StringComparison.Ordinal);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await LogInAsync(server.Client, "rita", "a wrong password")).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await LogInAsync(server.Client, "nobody", "a wrong password")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await LogInAsync(server.Client, "rita", PasswordOf("rita"))).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await LogInAsync(server.Client, "nobody", "a wrong password")).StatusCode);
    }

    /// <summary>Passwords take a while to look at: guesses that come at once are counted before.</summary>
    [Fact]
    public async Task PasswordsCantBeGuessedAtOnceEither()
    {
        var results = data.CopyResults(_folder);
        AddUser(results, "rita", Role.Run);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => LogInAsync(server.Client, "rita", $"a wrong password {i}")));
        Assert.Equal(5, answers.Count(a => a.StatusCode == HttpStatusCode.Unauthorized));
        Assert.Equal(11, answers.Count(a => a.StatusCode == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task ASessionsCookieStaysWithTheBrowserAndTheSite()
    {
        var results = data.CopyResults(_folder);
        AddUser(results, "rita", Role.Run);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        using var answer = await LogInAsync(server.Client, "rita", PasswordOf("rita"));
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Hashes of passwords lie in the database and, until it takes them over, in the files beside it.</summary>
    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task TheDatabaseIsForItsOwnersEyesOnly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "files have no modes there");
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        var results = data.CopyResults(_folder);
        var before = File.GetUnixFileMode(results);
        AddUser(results, "rita", Role.Run);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var folder = Path.Combine(results, ".viewer");
        string[] files = ["server.db", "server.db-wal", "server.db-shm"];
        Assert.All(files, f => Assert.Equal(Own, File.GetUnixFileMode(Path.Combine(folder, f))));
        Assert.Equal(Own | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        Assert.Equal(before, File.GetUnixFileMode(results));

        // What an earlier version left open is closed; the folder's mode may be somebody's wish.
        foreach (var file in files)
        {
            File.SetUnixFileMode(Path.Combine(folder, file), Own | OfOthers);
        }

        const UnixFileMode Wished = Own | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        File.SetUnixFileMode(folder, Wished);
        AddUser(results, "anna", Role.Look);
        Assert.All(files, f => Assert.Equal(Own, File.GetUnixFileMode(Path.Combine(folder, f))));
        Assert.Equal(Wished, File.GetUnixFileMode(folder));
    }

    /// <summary>With a certificate the server speaks https alone, and the session's cookie is bound to it.</summary>
    [Fact]
    public async Task WithACertificateSessionsAreBoundToHttps()
    {
        var results = data.CopyResults(_folder);
        AddUser(results, "rita", Role.Run);
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var pem = _folder.File("server.pem");
        await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        using var server = await RunningServer.StartAsync(results, data.Slides, "--certificate", pem);
        Assert.Equal("https", server.Address.Scheme);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString();
        using var client = new HttpClient(handler) { BaseAddress = server.Address };
        using var answer = await LogInAsync(client, "rita", PasswordOf("rita"));
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith("__Host-hoverfast=", cookie, StringComparison.Ordinal);
        Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
        using var log = await client.GetAsync("/api/log", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, log.StatusCode);
        Assert.True(log.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task RequestsHaveLimitsOfSizeAndRate()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        using var large = await server.ChangeAsync(HttpMethod.Post, "/api/jobs", new { slides = new[] { new string('a', 2 << 20) } });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        using var nested = await server.ChangeAsync(
            HttpMethod.Post,
            "/api/jobs",
            new StringContent(new string('[', 200) + new string(']', 200), Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, nested.StatusCode);

        var refused = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 6000),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.Current.CancellationToken },
            async (_, cancellation) =>
            {
                using var answer = await server.Client.GetAsync("/api/me", cancellation);
                Interlocked.Add(ref refused, answer.StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0);
            });
        Assert.True(refused > 0, "6,000 requests at once were all answered");
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Assert.Equal("local", (await server.GetAsync("/api/me")).GetProperty("name").GetString());
    }

    /// <summary>What goes wrong is told in a sentence; paths and traces stay in the server's log.</summary>
    [Fact]
    public async Task WhoFloodsTheServerWaitsForHimselfAndOthersDont()
    {
        const int Flood = 150;
        var results = data.CopyResults(_folder);
        AddUser(results, "anna", Role.Look);
        AddUser(results, "rita", Role.Run);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        using var anna = await LogInAsync(server, "anna");
        using var rita = await LogInAsync(server, "rita");
        var slides = await rita.GetFromJsonAsync<System.Text.Json.JsonElement>("/api/slides", TestContext.Current.CancellationToken);
        var id = slides.EnumerateArray().Single(s => s.GetProperty("name").GetString() == SegmentedSlides.Done).GetProperty("id").GetString();
        var box = new[] { new[] { -1e6, -1e6 }, [1e6, -1e6], [1e6, 1e6], [-1e6, 1e6] };
        while ((await rita.GetStringAsync($"/api/slides/{id}/nuclei", TestContext.Current.CancellationToken)).Contains("building", StringComparison.Ordinal))
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        var answered = 0;
        using var lines = new SemaphoreSlim(ConnectionShare.OfOneAddress - 10);
        var flood = Enumerable.Range(0, Flood).Select(async _ =>
        {
            await lines.WaitAsync(TestContext.Current.CancellationToken);
            using var answer = await RunningServer.ChangeAsync(anna, HttpMethod.Post, $"/api/slides/{id}/nuclei/export/geojson", new { polygon = box });
            Interlocked.Increment(ref answered);
            lines.Release();
        }).ToList();
        for (var tile = 0; tile < 20; tile++)
        {
            using var answer = await rita.GetAsync($"/api/slides/{id}/tiles/0/{tile % 2}/{tile / 10}", TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, $"tile {tile}: {answer.StatusCode}");
        }

        // Had the tiles stood behind the exports, these would all be done.
        Assert.InRange(Volatile.Read(ref answered), 0, Flood - 1);
        await Task.WhenAll(flood);
    }

    [Fact]
    public async Task WhoOpensAllConnectionsKeepsNobodyOut()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems have one loopback address");
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < ConnectionShare.All + 50; i++)
            {
                sockets.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                try
                {
                    await sockets[^1].ConnectAsync(IPAddress.Loopback, server.Address.Port, TestContext.Current.CancellationToken);
                }
                catch (SocketException) when (i >= ConnectionShare.OfOneAddress)
                {
                    // More than its share.
                }
            }

            using var other = new HttpClient(new SocketsHttpHandler
            {
                ConnectCallback = async (context, cancellation) =>
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
                    await socket.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            })
            {
                BaseAddress = server.Address,
            };
            using var answer = await other.GetAsync("/health", TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode);
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task FaultsShowNeitherTraceNorPath()
    {
        var results = data.CopyResults(_folder);
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(slides, "broken.svs"), [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0], TestContext.Current.CancellationToken);
        using var server = await RunningServer.StartAsync(results, slides);
        var done = await server.IdOfAsync(SegmentedSlides.Done);
        await server.NucleiAsync(done);
        foreach (var index in Directory.GetFiles(Path.Combine(results, ".viewer", "nuclei"), "*.db"))
        {
            await File.WriteAllTextAsync(index, new string('x', 100_000), TestContext.Current.CancellationToken);
        }

        foreach (
            var (path, status) in new[]
            {
                ($"/api/slides/{await server.IdOfAsync("broken")}", 422),
                ($"/api/slides/{done}/nuclei/tiles/2/0/0", 500),
                ($"/api/slides/{done}/tiles/0/0/0", 404),
                ("/api/slides/{}", 404),
            })
        {
            using var answer = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True((int)answer.StatusCode == status, $"{path}: {answer.StatusCode} {text}");
            Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
            Assert.DoesNotContain(_folder.Path, text, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
            Assert.StartsWith("{\"error\":\"", text, StringComparison.Ordinal);
        }

        // The log has the fault, whole, on a line with the time.
        var line = Assert.Single(server.Log.Split('\n'), l => l.Contains("/nuclei/tiles/2/0/0", StringComparison.Ordinal));
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ error: HoverFast\.Server\.Hosting\.ProblemAnswers: GET .*SqliteException.*   at ", line);
    }

    [Theory]
    [InlineData("GET", "/api/slides/{done}/nuclei/tiles/0/-2147483648/0", 404)]
    [InlineData("GET", "/api/slides/{done}/nuclei/tiles/0/0/-2147483648", 404)]
    [InlineData("POST", "/api/review/sessions", 404, """{"choice":"random","fields":1,"side":80,"slides":[null]}""")]
    [InlineData("POST", "/api/review/sessions", 422, """{"choice":99,"fields":1,"side":80}""")]
    [InlineData("POST", "/api/jobs", 404, """{"slides":[null]}""")]
    [InlineData("POST", "/api/jobs", 415, "{}", "application/json; charset=nope")]
    [InlineData("POST", "/api/jobs", 415, "{}", "application/json; charset=utf-7")]
    public async Task WhatMakesNoSenseIsNoFaultOfTheServer(string method, string path, int status, string? body = null, string type = "application/json")
    {
        var server = await data.ServerAsync();
        var done = await server.IdOfAsync(SegmentedSlides.Done);
        await server.NucleiAsync(done);
        using var content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content?.Headers.TryAddWithoutValidation("Content-Type", type);

        using var answer = await server.ChangeAsync(new HttpMethod(method), path.Replace("{done}", done, StringComparison.Ordinal), content);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.StartsWith("{\"error\":\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    /// <summary>With a certificate and accounts, all addresses need a name, and no name stands for all.</summary>
    [Theory]
    [InlineData("--host-name", "--listen", "0.0.0.0")]
    [InlineData("--host-name", "--listen", "::")]
    [InlineData("--host-name 0.0.0.0", "--listen", "::", "--host-name", "slides.example", "--host-name", "0.0.0.0")]
    [InlineData("--host-name *", "--host-name", "*")]
    [InlineData("--host-name [::]", "--host-name", "[::]")]
    public async Task AllAddressesNeedAHostName(string said, params string[] options)
    {
        var results = data.CopyResults(_folder);
        AddUser(results, "rita", Role.Run);
        var certificate = _folder.Write("server.pem", []);
        var (code, output, error) = await RunningServer.RunAsync(
            [results, "--slides", data.Slides, "--port", "0", "--certificate", certificate, .. options]);
        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server.pem")]
    [InlineData("server.pfx")]
    public async Task AFileThatIsNoCertificateIsToldInOneLine(string name)
    {
        var certificate = _folder.Write(name, [1, 2, 3]);
        var (code, output, error) = await RunningServer.RunAsync(
            [_folder.File("results"), "--slides", data.Slides, "--port", "0", "--certificate", certificate]);
        Assert.Equal(3, code);
        Assert.Empty(output);
        Assert.Contains("is no certificate", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("only by https", "--listen", "0.0.0.0")]
    [InlineData("only with accounts", "--behind-proxy", "--host-name", "slides.example")]
    [InlineData("leave --listen out", "--behind-proxy", "--listen", "0.0.0.0")]
    [InlineData("no such certificate", "--listen", "0.0.0.0", "--certificate", "missing.pem")]
    [InlineData("an address of this machine", "--listen", "example")]
    public async Task OtherMachinesNeedEncryptionAndAccounts(string said, params string[] options)
    {
        var (code, output, error) = await RunningServer.RunAsync([_folder.File("results"), "--slides", data.Slides, "--port", "0", .. options]);
        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    private WebApplication Build(string address, params string[] hostNames) =>
        ServerHost.Build(
            new ServerOptions
            {
                Results = _folder.File("results"),
                SlideFolders = [data.Slides],
                Port = 0,
                Address = IPAddress.Parse(address),
                HostNames = hostNames,
            },
            TextWriter.Null);

    private static string SlideId(string name) => Server.Slides.SlideCatalogue.IdOf(name);

    private static string PasswordOf(string name) => "the password of " + name;

    private static void AddUser(string results, string name, Role role) => RunningServer.AddAccount(results, name, role, PasswordOf(name));

    private static async Task<HttpClient> LogInAsync(RunningServer server, string name)
    {
        var client = server.NewClient();
        using var answer = await LogInAsync(client, name, PasswordOf(name));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return client;
    }

    private static Task<HttpResponseMessage> LogInAsync(HttpClient client, string name, string password) =>
        RunningServer.ChangeAsync(client, HttpMethod.Post, "/api/login", new { name, password });
}
