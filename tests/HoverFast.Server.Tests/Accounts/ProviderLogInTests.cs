using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;
using HoverFast.Server.Accounts;
using HoverFast.Server.Tests.Page;
using HoverFast.Tests;
using Microsoft.Playwright;
using Xunit;

namespace HoverFast.Server.Tests.Accounts;

/// <summary>Logging in with an OpenID Connect provider: who it vouches for comes in with the role that it tells, and nobody else does.</summary>
public sealed class ProviderLogInTests(SegmentedSlides data, Browser browser) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SmallProvider _provider = new() { Claims = Person("anna", "pathology") };

    public void Dispose()
    {
        _provider.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task WhoTheProviderVouchesForComesInWithTheRoleThatItTells()
    {
        var results = data.CopyResults(_folder);
        using var server = await StartAsync(results);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.GetAsync("/api/slides", TestContext.Current.CancellationToken)).StatusCode);

        using var anna = server.NewClient();
        var asked = await BeginAsync(anna);
        Assert.Equal("code", asked["response_type"]);
        Assert.Equal("openid profile", asked["scope"]);
        Assert.Equal("S256", asked["code_challenge_method"]);
        Assert.Equal(server.Address.OriginalString + ProviderLogIn.Callback, asked["redirect_uri"]);
        Assert.Equal("/", await LogInAsync(anna));
        var me = await anna.GetFromJsonAsync<JsonElement>("/api/me", TestContext.Current.CancellationToken);
        Assert.Equal(("anna", "look"), (me.GetProperty("name").GetString(), me.GetProperty("role").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await anna.GetAsync("/api/slides", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await anna.GetAsync("/api/log", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await RunningServer.ChangeAsync(anna, HttpMethod.Post, "/api/jobs", new { slides = Array.Empty<string>() })).StatusCode);

        // The highest of several; what she did is in the log.
        _provider.Claims = Person("rita", "pathology", "administrators");
        using var rita = server.NewClient();
        Assert.Equal("/", await LogInAsync(rita));
        var log = await rita.GetFromJsonAsync<JsonElement>("/api/log", TestContext.Current.CancellationToken);
        Assert.Equal(
            ["rita", "anna"],
            log.EnumerateArray().Where(l => l.GetProperty("verb").GetString() == "log in").Select(l => l.GetProperty("account").GetString()));

        // Sessions end when she logs out, when an administrator says so, and without a provider.
        Assert.Equal(HttpStatusCode.NoContent, (await RunningServer.ChangeAsync(rita, HttpMethod.Post, "/api/logout")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await rita.GetAsync("/api/slides", TestContext.Current.CancellationToken)).StatusCode);
        var (code, _, _) = await RunningServer.RunAsync("user", "remove", "anna", "--results", results);
        Assert.Equal(0, code);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anna.GetAsync("/api/slides", TestContext.Current.CancellationToken)).StatusCode);
    }

    /// <summary>Tokens that aren't the provider's, aren't for this server, aren't of this login, or aren't of now.</summary>
    [Theory]
    [InlineData(SmallProvider.Fault.WrongNonce)]
    [InlineData(SmallProvider.Fault.NoNonce)]
    [InlineData(SmallProvider.Fault.WrongAudience)]
    [InlineData(SmallProvider.Fault.WrongIssuer)]
    [InlineData(SmallProvider.Fault.Expired)]
    [InlineData(SmallProvider.Fault.NotYet)]
    [InlineData(SmallProvider.Fault.StrangeKey)]
    [InlineData(SmallProvider.Fault.Unsigned)]
    [InlineData(SmallProvider.Fault.NoSubject)]
    public async Task FalseTokensAreRefused(object fault)
    {
        _provider.Wrong = (SmallProvider.Fault)fault;
        using var server = await StartAsync(data.CopyResults(_folder));
        using var client = server.NewClient();
        Assert.Equal("/?login=failed", await LogInAsync(client));
        await RequireNobodyAsync(client);

        // The same person with a right token.
        _provider.Wrong = SmallProvider.Fault.None;
        Assert.Equal("/", await LogInAsync(client));
    }

    /// <summary>Who has no role here, no name, or the name of somebody with a password.</summary>
    [Fact]
    public async Task WhoHasNoRoleIsRefused()
    {
        var results = data.CopyResults(_folder);
        Assert.Equal(0, (await ServerProcess.RunAsync(ServerProcess.SameEnvironment, "a long password\n", "user", "add", "Local", "--results", results, "--role", "run")).ExitCode);
        using var server = await StartAsync(results);
        using var client = server.NewClient();
        foreach (var person in new[]
        {
            Person("eve"), Person("eve", "Pathology"), Person("eve", "administrators "), Person("", "pathology"), Person("local", "pathology"),
            Person("e\u202Eve", "pathology"), Person(new string('e', 65), "pathology"), new JsonObject { ["groups"] = new JsonArray("pathology") },
        })
        {
            _provider.Claims = person;
            Assert.Equal("/?login=refused", await LogInAsync(client));
            await RequireNobodyAsync(client);
        }
    }

    /// <summary>An answer of the provider counts once, and only in the browser that asked for it.</summary>
    [Fact]
    public async Task AnAnswerCountsOnceAndOnlyWhereItWasAskedFor()
    {
        using var server = await StartAsync(data.CopyResults(_folder));
        using var anna = server.NewClient();
        var answer = await AnswerOfProviderAsync(anna);

        // Somebody makes her browser take his login, or takes hers.
        using var other = server.NewClient();
        Assert.Equal("/?login=failed", await LocationAsync(other, answer));
        await RequireNobodyAsync(other);
        Assert.Equal("/", await LocationAsync(anna, answer));
        Assert.Equal("/?login=failed", await LocationAsync(anna, answer));
        Assert.Equal("/?login=failed", await LocationAsync(other, server.Address.OriginalString + ProviderLogIn.Callback));
        Assert.Equal("/?login=failed", await LocationAsync(other, server.Address.OriginalString + ProviderLogIn.Callback + "?code=x&state=y"));
        Assert.Equal("/?login=failed", await LocationAsync(other, server.Address.OriginalString + ProviderLogIn.Callback + "?error=access_denied"));
        await RequireNobodyAsync(other);

        // A code that was asked for with another verifier.
        var mine = await AnswerOfProviderAsync(other);
        var hers = HttpUtility.ParseQueryString(new Uri(await AnswerOfProviderAsync(anna)).Query)["code"]!;
        var mixed = HttpUtility.ParseQueryString(new Uri(mine).Query);
        Assert.Equal(
            "/?login=failed",
            await LocationAsync(other, $"{server.Address.OriginalString}{ProviderLogIn.Callback}?code={hers}&state={Uri.EscapeDataString(mixed["state"]!)}"));
        Assert.Contains("verifier", _provider.Refused);
        await RequireNobodyAsync(other);
    }

    /// <summary>Each answer that is refused is written down: who sends them without an end must not fill disk and log.</summary>
    [Fact]
    public async Task TheWayBackHasALimit()
    {
        using var server = await StartAsync(data.CopyResults(_folder));
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 22; i++)
        {
            using var answer = await server.Client.GetAsync(ProviderLogIn.Callback + "?code=x&state=y", TestContext.Current.CancellationToken);
            statuses.Add(answer.StatusCode);
        }

        Assert.All(statuses[..20], s => Assert.Equal(HttpStatusCode.Redirect, s));
        Assert.All(statuses[20..], s => Assert.Equal(HttpStatusCode.TooManyRequests, s));
    }

    [Fact]
    public async Task RolesMayLieInAClaimThatIsAnObjectAndComeFromUserInfo()
    {
        _provider.Claims = [];
        _provider.UserInfo = new JsonObject
        {
            ["email"] = "anna@lab.example",
            ["realm_access"] = new JsonObject { ["roles"] = new JsonArray("administrators") },
        };
        using var server = await StartAsync(data.CopyResults(_folder), more: c =>
        {
            c["roleClaim"] = "realm_access.roles";
            c["nameClaim"] = "email";
            c["userInfo"] = true;
        });
        using var client = server.NewClient();
        Assert.Equal("/", await LogInAsync(client));
        var me = await client.GetFromJsonAsync<JsonElement>("/api/me", TestContext.Current.CancellationToken);
        Assert.Equal(("anna@lab.example", "run"), (me.GetProperty("name").GetString(), me.GetProperty("role").GetString()));
    }

    /// <summary>Of userinfo's claims that are lists one text is made, where each value of a token's list is a claim.</summary>
    [Fact]
    public async Task AListOfGroupsMayComeFromUserInfo()
    {
        _provider.Claims = [];
        _provider.UserInfo = new JsonObject { ["preferred_username"] = "anna", ["groups"] = new JsonArray("everybody", "administrators") };
        using var server = await StartAsync(data.CopyResults(_folder), more: c =>
        {
            c["roleClaim"] = "groups";
            c["userInfo"] = true;
        });
        using var client = server.NewClient();
        Assert.Equal("/", await LogInAsync(client));
        var me = await client.GetFromJsonAsync<JsonElement>("/api/me", TestContext.Current.CancellationToken);
        Assert.Equal(("anna", "run"), (me.GetProperty("name").GetString(), me.GetProperty("role").GetString()));
    }

    /// <summary>A session that a provider vouched for ends with the provider: the server without it doesn't know it.</summary>
    [Fact]
    public async Task WithoutItsProviderASessionIsNobodys()
    {
        var results = data.CopyResults(_folder);
        RunningServer.AddAccount(results, "local", Role.Look, "a long password");
        string cookie;
        using (var server = await StartAsync(results))
        {
            using var client = server.NewClient();
            using var answer = await client.GetAsync(await AnswerOfProviderAsync(client), TestContext.Current.CancellationToken);
            var sent = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("hoverfast=", StringComparison.Ordinal));
            Assert.Contains("httponly", sent, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("samesite=strict", sent, StringComparison.OrdinalIgnoreCase);
            cookie = sent.Split(';')[0];
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, cookie));
        }

        using var without = await RunningServer.StartAsync(results, data.Slides);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(without, cookie));
    }

    [Fact]
    public async Task AProviderThatDoesNotAnswerIsToldOf()
    {
        using var server = await StartAsync(data.CopyResults(_folder));
        _provider.Dispose();
        using var client = server.NewClient();
        Assert.Equal("/?login=unreachable", await LocationAsync(client, "/api/login/provider"));
    }

    [Theory]
    [InlineData("""{ "authority": "http://login.example", "clientId": "x", "roles": { "look": ["a"] } }""", "must be an https address")]
    [InlineData("""{ "authority": "https://login.example", "clientId": "x", "roles": { } }""", "\"roles\" must tell")]
    [InlineData("""{ "authority": "https://login.example", "clientId": "x", "roles": { "admin": ["a"] } }""", "can't be read")]
    [InlineData("""{ "authority": "https://login.example", "clientId": "x", "roles": { "look": ["a"] }, "secret": "s" }""", "secret")]
    [InlineData("""{ "authority": "https://login.example", "roles": { "look": ["a"] } }""", "clientId")]
    [InlineData("""{ "authority": "https://login.example", "clientId": "x", "roles": { "look": ["a"] }, "clientSecretFile": "none.txt" }""", "none.txt")]
    [InlineData("no JSON", "can't be read")]
    public async Task AWrongConfigurationIsToldOf(string text, string told)
    {
        var file = _folder.File("oidc.json");
        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        var (code, _, error) = await RunningServer.RunAsync(data.Results, "--slides", data.Slides, "--port", "0", "--oidc", file);
        Assert.NotEqual(0, code);
        Assert.StartsWith("error: " + file, error, StringComparison.Ordinal);
        Assert.Contains(told, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task InTheBrowserOneButtonLeadsThereAndBack()
    {
        using var server = await StartAsync(data.CopyResults(_folder), more: c => c["title"] = "the hospital");
        _provider.Claims = Person("eve");
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await page.ClickAsync("text=Log in with the hospital");
        await page.WaitForSelectorAsync("text=Your account there has no role here");
        Assert.False(await page.Locator("#password").IsVisibleAsync());
        _provider.Claims = Person("anna", "pathology");
        await page.ClickAsync("#provider");
        await Browser.DrawnAsync(page);
        Assert.Equal("anna", await page.Locator("header .quiet").TextContentAsync());

        // What was asked before anybody was logged in: the server says no.
        Assert.DoesNotContain(complaints, c => !c.Contains("401", StringComparison.Ordinal));
        await page.CloseAsync();
    }

    private static JsonObject Person(string name, params string[] groups) =>
        new() { ["preferred_username"] = name, ["groups"] = new JsonArray([.. groups.Select(g => (JsonNode)g)]) };

    /// <summary>A link to a view opens it for who has to log in first, after a refusal too.</summary>
    [Fact]
    public async Task ALinkOpensItsViewAfterTheWayByTheProvider()
    {
        using var server = await StartAsync(data.CopyResults(_folder));
        _provider.Claims = Person("anna", "pathology");
        string second;
        using (var client = server.NewClient())
        {
            await LogInAsync(client);
            var slides = await client.GetFromJsonAsync<JsonElement>("/api/slides", TestContext.Current.CancellationToken);
            second = slides[1].GetProperty("id").GetString()!;
        }

        _provider.Claims = Person("eve");
        var (page, _) = await browser.OpenAsync(server.Address, $"/#slide={second}&at=300,200,0.5&density=0");
        await page.ClickAsync("#provider");
        await page.WaitForSelectorAsync("text=Your account there has no role here");
        _provider.Claims = Person("anna", "pathology");
        await page.ClickAsync("#provider");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex($"/#slide={second}&at=300.0,200.0,0.5.*&density=0$"));
        await page.CloseAsync();
    }

    /// <summary>Why the provider's way led back is told once, and not to whoever logs out later.</summary>
    [Fact]
    public async Task ARefusalIsToldOnce()
    {
        const string Refused = "Your account there has no role here";
        var results = data.CopyResults(_folder);
        RunningServer.AddAccount(results, "local", Role.Look, "a long password");
        using var server = await StartAsync(results);
        _provider.Claims = Person("eve");
        var (page, _) = await browser.OpenAsync(server.Address);
        await page.ClickAsync("#provider");
        await page.WaitForSelectorAsync("text=" + Refused);
        await page.GetByLabel("Name").FillAsync("local");
        await page.GetByLabel("Password").FillAsync("a long password");
        await page.Keyboard.PressAsync("Enter");
        await Browser.DrawnAsync(page);
        await page.GetByText("Log out").ClickAsync();
        await Assertions.Expect(page.Locator("#password")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText(Refused)).ToHaveCountAsync(0);
        await page.CloseAsync();
    }

    /// <summary>A proxy that ends https need not say that it did.</summary>
    [Fact]
    public async Task BehindAProxyTheWayBackIsByHttps()
    {
        using var server = await StartAsync(data.CopyResults(_folder), null, "--behind-proxy", "--host-name", "slides.example");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/login/provider") { Headers = { Host = "slides.example" } };
        using var answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var asked = HttpUtility.ParseQueryString(answer.Headers.Location!.Query);
        Assert.Equal("https://slides.example" + ProviderLogIn.Callback, asked["redirect_uri"]);
    }

    private async Task<RunningServer> StartAsync(string results, Action<JsonObject>? more = null, params string[] options)
    {
        var secret = _folder.File("secret.txt");
        await File.WriteAllTextAsync(secret, SmallProvider.ClientSecret + "\n", TestContext.Current.CancellationToken);
        var configuration = new JsonObject
        {
            ["authority"] = _provider.Address,
            ["clientId"] = SmallProvider.ClientId,
            ["clientSecretFile"] = "secret.txt",
            ["roleClaim"] = "groups",
            ["roles"] = new JsonObject { ["look"] = new JsonArray("pathology"), ["run"] = new JsonArray("administrators") },
        };
        more?.Invoke(configuration);
        await File.WriteAllTextAsync(_folder.File("oidc.json"), configuration.ToJsonString(), TestContext.Current.CancellationToken);
        return await RunningServer.StartAsync(results, data.Slides, ["--oidc", _folder.File("oidc.json"), .. options]);
    }

    /// <summary>What the provider is asked.</summary>
    private static async Task<Dictionary<string, string>> BeginAsync(HttpClient client)
    {
        var query = HttpUtility.ParseQueryString(new Uri(await LocationAsync(client, "/api/login/provider")).Query);
        return query.AllKeys.ToDictionary(k => k!, k => query[k]!, StringComparer.Ordinal);
    }

    /// <summary>Where the provider sends a browser back to.</summary>
    private static async Task<string> AnswerOfProviderAsync(HttpClient client)
    {
        using var provider = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        return await LocationAsync(provider, await LocationAsync(client, "/api/login/provider"));
    }

    /// <summary>The whole way; where it ends.</summary>
    private static async Task<string> LogInAsync(HttpClient client) => await LocationAsync(client, await AnswerOfProviderAsync(client));

    private static async Task<string> LocationAsync(HttpClient client, string address)
    {
        using var answer = await client.GetAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer.Headers.Location!.OriginalString;
    }

    private static async Task RequireNobodyAsync(HttpClient client)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/slides", TestContext.Current.CancellationToken)).StatusCode);
        var me = await client.GetFromJsonAsync<JsonElement>("/api/me", TestContext.Current.CancellationToken);
        Assert.Equal(JsonValueKind.Null, me.GetProperty("role").ValueKind);
    }

    private static async Task<HttpStatusCode> StatusAsync(RunningServer server, string cookie)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/slides");
        request.Headers.Add("Cookie", cookie);
        return (await client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode;
    }
}
