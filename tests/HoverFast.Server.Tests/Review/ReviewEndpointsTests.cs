using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using HoverFast.Review;
using HoverFast.Server.Accounts;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Server.Tests.Review;

/// <summary>Fields are drawn, corrected and told of by the interface that the page uses.</summary>
public sealed class ReviewEndpointsTests(SegmentedSlides data) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A trainer that can't be started is told of, and nothing is taken for under way.</summary>
    [Fact]
    public async Task ATrainerThatCantBeStartedIsTold()
    {
        var program = _folder.Write("broken-trainer", [1, 2, 3]);
        var environment = new Dictionary<string, string> { ["HOVERFAST_TRAIN"] = program };
        using var server = await ServerProcess.StartAsync(environment, data.CopyResults(_folder), data.Slides);
        for (var time = 0; time < 2; time++)
        {
            using var answer = await server.ChangeAsync(HttpMethod.Post, "/api/models/teach");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Contains("broken-trainer", text, StringComparison.Ordinal);
            Assert.DoesNotContain(_folder.Path, text, StringComparison.Ordinal);
        }

        Assert.Equal("idle", (await server.GetAsync("/api/models")).GetProperty("teaching").GetProperty("state").GetString());
        using var stopped = await server.ChangeAsync(HttpMethod.Delete, "/api/models/teach");
        Assert.Equal(HttpStatusCode.NoContent, stopped.StatusCode);
        Assert.DoesNotContain((await server.GetAsync("/api/log")).EnumerateArray(), e => e.GetProperty("verb").GetString() == "teach");
        Assert.Equal(0, server.Stop());
    }

    /// <summary>Who rolls back a model that somebody else has rolled back meanwhile is told, and so is who finds none in use.</summary>
    [Fact]
    public async Task AModelThatIsNoLongerInUseIsNotRolledBack()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        using var late = await server.ChangeAsync(HttpMethod.Post, "/api/models/rollback", new { current = 1, why = "" });
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Contains("isn't in use any more", (await late.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken))
            .GetProperty("error").GetString()!, StringComparison.Ordinal);
        using var none = await server.ChangeAsync(HttpMethod.Post, "/api/models/rollback", new { why = "" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, none.StatusCode);
    }

    [Fact]
    public async Task AFieldIsDrawnCorrectedUndoneAndCalledRight()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await FieldAsync(server);
        var before = await server.GetAsync($"/api/review/fields/{field}");
        var nucleus = Inside(before)[0];

        var edit = await EditAsync(server, field, new { what = "delete", seen = Entry(before), nuclei = new[] { nucleus }, why = "debris", who = "anna" });
        Assert.Equal(nucleus, edit.GetProperty("removed")[0].GetString());
        Assert.DoesNotContain(nucleus, Inside(await server.GetAsync($"/api/review/fields/{field}")));
        await EditAsync(server, field, new { what = "undo", seen = Entry(before), who = "anna" });
        Assert.Equal(Inside(before), Inside(await server.GetAsync($"/api/review/fields/{field}")));
        await EditAsync(server, field, new { what = "redo", seen = Entry(before), who = "anna" });
        await EditAsync(server, field, new { what = "accept", seen = Entry(before) + 10, who = "anna" });

        var session = (await server.GetAsync("/api/review/sessions"))[0];
        Assert.True(session.GetProperty("fields").EnumerateArray().Single(f => f.GetProperty("id").GetString() == field).GetProperty("state")
            .GetProperty("isDone").GetBoolean());
        var estimate = await server.GetAsync("/api/review/estimate");
        Assert.InRange(estimate.GetProperty("precision").GetProperty("value").GetDouble(), 0.1, 0.999);
        Assert.All((await server.GetAsync("/api/review/verify")).EnumerateArray(), c => Assert.Equal(JsonValueKind.Null, c.GetProperty("problem").ValueKind));
    }

    /// <summary>A field of 80 um lies in one to four of the slide's fields of 256 um.</summary>
    [Fact]
    public async Task WhatIsExpectedOfAFieldIsThatOfThePlacesItShares()
    {
        var results = data.CopyResults(_folder);
        JsonElement[] fields;
        using (var server = await RunningServer.StartAsync(results, data.Slides))
        {
            fields = await FieldsAsync(server);
        }

        using var quality = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(results, SegmentedSlides.Done + ".quality.json")));
        var places = quality.RootElement.GetProperty("fields").EnumerateArray().ToList();
        foreach (var field in fields)
        {
            var (sum, area) = (0.0, 0.0);
            foreach (var place in places)
            {
                var side = Number(place, "side");
                var shared = Shared(Number(field, "x"), Number(field, "width"), Number(place, "x"), side)
                    * Shared(Number(field, "y"), Number(field, "height"), Number(place, "y"), side);
                (sum, area) = (sum + (shared * Number(place.GetProperty("quality"), "expectedPq")), area + shared);
            }

            var expected = field.GetProperty("expected");
            Assert.Equal(sum / area, Number(expected, "pq"), 3);
            Assert.InRange(Number(expected, "pq"), Number(expected, "low"), Number(expected, "high"));
        }

        // Without a file of quality nothing is said, and fields are reviewed all the same.
        File.Delete(Path.Combine(results, SegmentedSlides.Done + ".quality.json"));
        using var again = await RunningServer.StartAsync(results, data.Slides);
        Assert.All(await FieldsAsync(again), f => Assert.Equal(JsonValueKind.Null, f.GetProperty("expected").ValueKind));

        static async Task<JsonElement[]> FieldsAsync(RunningServer server)
        {
            await FieldAsync(server);
            return [.. (await server.GetAsync("/api/review/sessions"))[0].GetProperty("fields").EnumerateArray()];
        }

        static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

        static double Shared(double a, double aLength, double b, double bLength) => Math.Max(0, Math.Min(a + aLength, b + bLength) - Math.Max(a, b));
    }

    [Fact]
    public async Task TheSecondPersonIsToldAndOverwritesNothing()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await FieldAsync(server);
        var seen = await server.GetAsync($"/api/review/fields/{field}");
        var nucleus = Inside(seen)[0];
        await PostAsync(server, $"/api/review/fields/{field}/claim", new { who = "anna" });
        var others = await PostAsync(server, $"/api/review/fields/{field}/claim", new { who = "boris" });
        Assert.Equal("anna", others.GetProperty("others")[0].GetProperty("who").GetString());

        await EditAsync(server, field, new { what = "delete", seen = Entry(seen), nuclei = new[] { nucleus }, who = "anna" });
        using var answer = await server.ChangeAsync(
            HttpMethod.Post, $"/api/review/fields/{field}/edits",
                new { what = "class", seen = Entry(seen), nuclei = new[] { nucleus }, @class = "Lymphocyte", who = "boris" });
        Assert.NotEqual(HttpStatusCode.OK, answer.StatusCode);
        using var accept = await server.ChangeAsync(
            HttpMethod.Post, $"/api/review/fields/{field}/edits", new { what = "accept", seen = Entry(seen), who = "boris" });
        Assert.Equal(HttpStatusCode.Conflict, accept.StatusCode);
        Assert.Contains("anna", await accept.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NothingAcknowledgedIsLostWhenTheServerIsKilledAmidEdits()
    {
        var results = data.CopyResults(_folder);
        var acknowledged = new List<string>();
        string field;
        using (var server = await ServerProcess.StartAsync(ServerProcess.SameEnvironment, results, data.Slides))
        {
            field = await FieldAsync(server);
            var view = await server.GetAsync($"/api/review/fields/{field}");
            var queue = new Queue<string>(view.GetProperty("nuclei").EnumerateArray().Select(n => n.GetProperty("id").GetString()!));
            var killer = Task.Run(
                async () =>
                {
                    // In the middle, whatever that hits.
                    while (acknowledged.Count < 5)
                    {
                        await Task.Delay(1);
                    }

                    server.Kill();
                },
                TestContext.Current.CancellationToken);
            try
            {
                // One is left for afterwards.
                while (queue.Count > 1)
                {
                    var nucleus = queue.Dequeue();
                    await EditAsync(server, field, new { what = "delete", seen = Entry(view), nuclei = new[] { nucleus }, who = "anna" });
                    acknowledged.Add(nucleus);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // It is dead.
            }

            await killer;
        }

        Assert.True(acknowledged.Count >= 5);
        using var again = await RunningServer.StartAsync(results, data.Slides);
        var left = (await again.GetAsync($"/api/review/fields/{field}")).GetProperty("nuclei").EnumerateArray().Select(n => n.GetProperty("id").GetString()!)
            .ToHashSet();
        Assert.DoesNotContain(acknowledged, left.Contains);
        var remaining = left.First();
        await EditAsync(again, field, new { what = "delete", seen = 1000, nuclei = new[] { remaining }, who = "anna" });
        Assert.All(ReviewFolder.Open(results).Verify(), c => Assert.Null(c.Problem));
    }

    [Theory]
    [InlineData(422, """{"what":"redraw","seen":1,"nuclei":[],"points":[1,2,3],"who":"anna"}""")]
    [InlineData(422, """{"what":"import","seen":1,"who":"anna"}""")]
    [InlineData(400, """{"what":"explode","seen":1,"who":"anna"}""")]
    [InlineData(400, """{"what":"add","seen":1,"points":["a"],"who":"anna"}""")]
    [InlineData(422, """{"what":"delete","seen":1,"nuclei":["00000000-0000-0000-0000-000000000000"],"who":"anna"}""")]
    public async Task WhatMakesNoSenseIsRefusedInOneSentence(int status, string body)
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await FieldAsync(server);
        using var answer = await server.ChangeAsync(HttpMethod.Post, $"/api/review/fields/{field}/edits", JsonSerializer.Deserialize<JsonElement>(body));
        Assert.Equal(status, (int)answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(_folder.Path, text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("..%2F..%2Fetc%2Fpasswd")]
    [InlineData("random-1.01%00")]
    [InlineData("random-9.99")]
    public async Task FieldsAreNamesAndNoPaths(string field)
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        using var answer = await server.Client.GetAsync($"/api/review/fields/{field}", TestContext.Current.CancellationToken);
        Assert.InRange((int)answer.StatusCode, 400, 499);
        Assert.DoesNotContain("root:", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EachRoleMayDoWhatItMay()
    {
        var results = data.CopyResults(_folder);
        foreach (var (name, role) in new[] { ("lea", Role.Look), ("rita", Role.Review), ("ruth", Role.Run) })
        {
            RunningServer.AddAccount(results, name, role, "correct horse 1");
        }

        using var server = await RunningServer.StartAsync(results, data.Slides);
        using var nobody = server.NewClient();
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/api/review/sessions", TestContext.Current.CancellationToken)).StatusCode);
        using var look = await LoggedInAsync(server, "lea");
        using var review = await LoggedInAsync(server, "rita");
        using var run = await LoggedInAsync(server, "ruth");
        var wanted = new { choice = "random", fields = 3, side = 80, seed = 1, who = "somebody else" };
        Assert.Equal(HttpStatusCode.Forbidden, (await RunningServer.ChangeAsync(look, HttpMethod.Post, "/api/review/sessions", wanted)).StatusCode);
        using var made = await RunningServer.ChangeAsync(review, HttpMethod.Post, "/api/review/sessions", wanted);
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);

        // With accounts, nobody can sign for another.
        Assert.Equal("rita", (await made.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("who").GetString());
        var field = "/api/review/fields/random-1.01";
        Assert.Equal(HttpStatusCode.OK, (await look.GetAsync(field, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await RunningServer.ChangeAsync(
            look, HttpMethod.Post, field + "/edits", new { what = "accept", seen = 9 })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await RunningServer.ChangeAsync(
            review, HttpMethod.Post, field + "/edits", new { what = "accept", seen = 9 })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await RunningServer.ChangeAsync(review, HttpMethod.Post, "/api/models/teach")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await RunningServer.ChangeAsync(
            review, HttpMethod.Post, "/api/models/1/promote", new { why = "" })).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await RunningServer.ChangeAsync(run, HttpMethod.Post, "/api/models/1/promote", new { why = "" })).StatusCode);

        // Without the token of the page nothing is changed.
        using var forged = new HttpRequestMessage(HttpMethod.Post, field + "/edits") { Content = JsonContent.Create(new { what = "reopen", seen = 9 }) };
        Assert.Equal(HttpStatusCode.Forbidden, (await run.SendAsync(forged, TestContext.Current.CancellationToken)).StatusCode);
    }

    /// <summary>An account may be called as whoever is at the machine is where there are no accounts; it signs for nobody else all the same.</summary>
    [Fact]
    public async Task AnAccountCalledLocalSignsForItselfAlone()
    {
        var results = data.CopyResults(_folder);
        RunningServer.AddAccount(results, "local", Role.Run, "correct horse 1");
        using var server = await RunningServer.StartAsync(results, data.Slides);
        using var local = await LoggedInAsync(server, "local");
        using var made = await RunningServer.ChangeAsync(
            local, HttpMethod.Post, "/api/review/sessions", new { choice = "random", fields = 1, side = 80, seed = 1, who = "Professor" });
        Assert.Equal("local", (await made.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("who").GetString());
    }

    [Fact]
    public async Task TheCorrectedResultCanBeTaken()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await FieldAsync(server);
        var view = await server.GetAsync($"/api/review/fields/{field}");
        await EditAsync(server, field, new { what = "delete", seen = Entry(view), nuclei = Inside(view).Take(2), who = "anna" });
        var bytes = await server.Client.GetByteArrayAsync(
            $"/api/review/slides/{await server.IdOfAsync(SegmentedSlides.Done)}/corrected", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder.File("c.geojson.gz"), bytes, TestContext.Current.CancellationToken);

        Assert.Equal(data.Manifest.Counts.Nuclei - 2, HoverFast.Labels.OutlineFile.Read(_folder.File("c.geojson.gz")).Count);
    }

    /// <summary>The log has each time that the file was taken, and edits that come back are held against the last: no other site may add to it.</summary>
    [Theory]
    [InlineData("cross-site", HttpStatusCode.Forbidden)]
    [InlineData("same-site", HttpStatusCode.Forbidden)]
    [InlineData("same-origin", HttpStatusCode.OK)]
    [InlineData("none", HttpStatusCode.OK)]
    public async Task AnotherSiteCannotTakeTheCorrectedResult(string site, HttpStatusCode expected)
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/review/slides/{await server.IdOfAsync(SegmentedSlides.Done)}/corrected");
        request.Headers.Add("Sec-Fetch-Site", site);

        Assert.Equal(expected, (await server.Client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    private static async Task<HttpClient> LoggedInAsync(RunningServer server, string name)
    {
        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = server.Address };
        var answer = await RunningServer.ChangeAsync(client, HttpMethod.Post, "/api/login", new { name, password = "correct horse 1" });
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return client;
    }

    /// <summary>A field with nuclei, of a new session.</summary>
    internal static async Task<string> FieldAsync(RunningServer server)
    {
        var session = await PostAsync(server, "/api/review/sessions", new { choice = "random", fields = 6, side = 80, seed = 2, who = "anna" });
        foreach (var field in session.GetProperty("fields").EnumerateArray().Select(f => f.GetProperty("id").GetString()!))
        {
            if (Inside(await server.GetAsync($"/api/review/fields/{field}")).Count > 8)
            {
                return field;
            }
        }

        throw new InvalidOperationException("no field with nuclei");
    }

    private static List<string> Inside(JsonElement view) =>
        [.. view.GetProperty("nuclei").EnumerateArray().Where(n => n.GetProperty("isInField").GetBoolean()).Select(n => n.GetProperty("id").GetString()!)];

    private static long Entry(JsonElement view) => view.GetProperty("entry").GetInt64();

    internal static Task<JsonElement> EditAsync(RunningServer server, string field, object edit) =>
        PostAsync(server, $"/api/review/fields/{field}/edits", edit);

    private static async Task<JsonElement> PostAsync(RunningServer server, string path, object body)
    {
        using var answer = await server.ChangeAsync(HttpMethod.Post, path, body);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return answer.IsSuccessStatusCode ? JsonSerializer.Deserialize<JsonElement>(text) : throw new InvalidOperationException(text);
    }
}
