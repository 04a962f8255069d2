using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using HoverFast.Server.Tests.Page;
using HoverFast.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace HoverFast.Server.Tests.Review;

/// <summary>Reviewing in a real browser, as a person does.</summary>
public sealed class ReviewPageTests(SegmentedSlides data, Browser browser) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task NucleiAreChosenDeletedDrawnSplitAndUndone()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await ReviewEndpointsTests.FieldAsync(server);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await OpenFieldAsync(page, field, "anna");
        var view = await server.GetAsync($"/api/review/fields/{field}");
        var place = await PlaceAsync(page, view);
        var count = Inside(view).Count;

        // Delete the largest, and take it back.
        var largest = Inside(view).MaxBy(Area);
        var (x, y) = place(Middle(largest));
        await page.Mouse.ClickAsync(x, y);
        await Expect(page.Locator("#chosen")).ToHaveTextAsync("1 chosen");
        await page.Keyboard.PressAsync("Delete");
        await HasAsync(page, count - 1);
        await page.Keyboard.PressAsync("u");
        await HasAsync(page, count);

        // Split it along a line drawn across.
        await page.Mouse.ClickAsync(x, y);
        await Expect(page.Locator("#chosen")).ToHaveTextAsync("1 chosen");
        var radius = (float)Math.Sqrt(Area(largest)) * 2;
        var (left, right) = (place((Middle(largest).X - radius, Middle(largest).Y)), place((Middle(largest).X + radius, Middle(largest).Y)));
        await page.Locator("#review-split").ClickAsync();
        await DragAsync(page, left, right);
        await HasAsync(page, count + 1);

        // Draw one that was missed, where nothing is.
        var free = Free(view);
        await page.Locator("#review-add").ClickAsync();
        (double X, double Y)[] corners = [(-9, -9), (9, -9), (9, 9), (-9, 9), (-8, -8)];
        await DragAsync(page, [.. corners.Select(c => place((free.X + c.X, free.Y + c.Y)))]);
        await HasAsync(page, count + 2);
        var added = Inside(await server.GetAsync($"/api/review/fields/{field}")).MaxBy(n => n.GetProperty("version").GetInt64());
        Assert.InRange(Area(added), 250, 400);

        // All that is in the server's log, hash by hash.
        Assert.All((await server.GetAsync("/api/review/verify")).EnumerateArray(), c => Assert.Equal(JsonValueKind.Null, c.GetProperty("problem").ValueKind));
        await page.Locator("#review-accept").ClickAsync();
        await Expect(page.Locator("#review .fields").GetByText("✓ " + field)).ToBeVisibleAsync();
        Assert.Empty(complaints);
    }

    /// <summary>What a person does in the page, by keys or by buttons, held against what the server then tells of the field and has in its log.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NucleiAreRedrawnClassedSplitAndMergedAndThatIsUndoneAndDoneAgain(bool byKeys)
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await ReviewEndpointsTests.FieldAsync(server);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await OpenFieldAsync(page, field, "anna");
        var before = await ViewAsync();
        var place = await PlaceAsync(page, before);
        var count = Inside(before).Count;

        // Redraw the largest as a square of its own size.
        var largest = Inside(before).MaxBy(Area);
        var (middle, half) = (Middle(largest), Math.Sqrt(Area(largest)) / 2);
        await ChooseAsync(middle);
        await DoAsync("redraw", "e");
        (double X, double Y)[] corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, 1 - half)];
        var redrawn = await EditedAsync(() => DragAsync(page, [.. corners.Select(c => place((middle.X + c.X, middle.Y + c.Y)))]));
        Assert.Equal(count, Inside(redrawn).Count);
        var square = Newest(redrawn);
        Assert.InRange(Area(square), 3.6 * half * half, 4.4 * half * half);
        Assert.NotEqual(Outline(largest), Outline(square));

        // A class that a person types.
        await ChooseAsync(middle);
        await page.Locator("#class").FillAsync("Tumour");
        await page.Keyboard.PressAsync("Tab");
        var classed = await EditedAsync(() => DoAsync("class", "k"));
        Assert.Equal("Tumour", Newest(classed).GetProperty("class").GetString());
        Assert.Equal(Outline(square), Outline(Newest(classed)));

        // Split it, and merge the two parts.
        await ChooseAsync(middle);
        await DoAsync("split", "s");
        var split = await EditedAsync(() => DragAsync(page, place((middle.X - (2 * half), middle.Y)), place((middle.X + (2 * half), middle.Y))));
        Assert.Equal(count + 1, Inside(split).Count);
        await ChooseAsync((middle.X, middle.Y - (half / 2)), (middle.X, middle.Y + (half / 2)));
        var merged = await EditedAsync(() => DoAsync("merge", "m"));
        Assert.Equal(count, Inside(merged).Count);
        Assert.InRange(Area(Newest(merged)), 3.5 * half * half, 4.5 * half * half);
        await HasAsync(page, count);

        // Back to the parts, and forward again: the very outlines of before.
        Assert.Equal(Outlines(split), Outlines(await EditedAsync(() => DoAsync("undo", "u"))));
        await HasAsync(page, count + 1);
        Assert.Equal(Outlines(merged), Outlines(await EditedAsync(() => DoAsync("redo", "y"))));
        await HasAsync(page, count);
        Assert.Equal(
            ["redraw", "class", "split", "merge", "undo", "redo"],
            from log in Logs()
            from line in log.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            let entry = JsonSerializer.Deserialize<JsonElement>(line).GetProperty("entry")
            where entry.TryGetProperty("field", out var edited) && edited.GetString() == field && entry.GetProperty("who").GetString() == "anna"
            select entry.GetProperty("what").GetString());
        Assert.Empty(complaints);

        Task DoAsync(string action, string key) => byKeys ? page.Keyboard.PressAsync(key) : page.Locator($"#review-{action}").ClickAsync();

        Task<JsonElement> ViewAsync() => server.GetAsync($"/api/review/fields/{field}");

        async Task ChooseAsync(params (double X, double Y)[] middles)
        {
            await page.Keyboard.PressAsync("Escape");
            foreach (var (middle, i) in middles.Select((m, i) => (m, i)))
            {
                if (i > 0)
                {
                    await page.Keyboard.DownAsync("Shift");
                }

                var (x, y) = place(middle);
                await page.Mouse.ClickAsync(x, y);
                await Expect(page.Locator("#chosen")).ToHaveTextAsync($"{i + 1} chosen");
            }

            await page.Keyboard.UpAsync("Shift");
        }

        // What the server tells once it has the edit, and the page has asked for it.
        async Task<JsonElement> EditedAsync(Func<Task> act)
        {
            var isSent = false;
            var seen = await ViewAsync();
            await page.RunAndWaitForResponseAsync(act, answer =>
            {
                isSent |= answer.Request.Method == "POST" && answer.Url.EndsWith($"/{field}/edits", StringComparison.Ordinal);
                return isSent && answer.Request.Method == "GET" && answer.Url.EndsWith($"/{field}", StringComparison.Ordinal);
            });
            var view = await ViewAsync();
            Assert.True(Entry(view) > Entry(seen));
            return view;
        }

        static long Entry(JsonElement view) => view.GetProperty("entry").GetInt64();

        static JsonElement Newest(JsonElement view) => Inside(view).MaxBy(n => n.GetProperty("version").GetInt64());

        static HashSet<string> Outlines(JsonElement view) => [.. Inside(view).Select(n => n.GetProperty("outline").GetRawText())];
    }

    [Fact]
    public async Task NucleiAreChosenByKeyboardAlone()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await ReviewEndpointsTests.FieldAsync(server);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await OpenFieldAsync(page, field, "anna");
        var view = await server.GetAsync($"/api/review/fields/{field}");
        var (first, second) = (Inside(view).MaxBy(Area), Inside(view).OrderBy(Area).SkipLast(1).Last());
        var asked = 0;
        page.Request += (_, request) => asked += request.Url.Contains("/nuclei/at", StringComparison.Ordinal) ? 1 : 0;
        await page.Locator("#map").FocusAsync();
        await TakeAsync(first, "Enter", "1 chosen");
        await TakeAsync(second, "Shift+Enter", "2 chosen");
        await TakeAsync(second, "Enter", "1 chosen");
        Assert.Equal(0, asked);
        await page.Keyboard.PressAsync("Delete");
        await HasAsync(page, Inside(view).Count - 1);
        var left = Inside(await server.GetAsync($"/api/review/fields/{field}"));
        Assert.DoesNotContain(second.GetProperty("id").GetString(), left.Select(n => n.GetProperty("id").GetString()));
        Assert.Empty(complaints);

        // With the nucleus in the middle, where the arrows would bring it.
        async Task TakeAsync(JsonElement nucleus, string key, string told)
        {
            var (x, y) = Middle(nucleus);
            await page.EvaluateAsync(
                "at => { const part = new URLSearchParams(location.hash.slice(1)); part.set('at', at); location.hash = part.toString(); }",
                FormattableString.Invariant($"{x},{y},0.2"));
            await Expect(page).ToHaveURLAsync(new Regex(Regex.Escape(FormattableString.Invariant($"at={x:F1},{y:F1},0.2"))));
            await page.Keyboard.PressAsync(key);
            await Expect(page.Locator("#chosen")).ToHaveTextAsync(told);
        }
    }

    /// <summary>Somebody else's edits and one's own fill the panel anew: text that is being typed, the caret, choices and what is unfolded stay.</summary>
    [Fact]
    public async Task WhatIsTypedStaysWhenThePanelIsFilledAnew()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await ReviewEndpointsTests.FieldAsync(server);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await page.Clock.InstallAsync();
        await OpenFieldAsync(page, field, "anna");
        var view = await server.GetAsync($"/api/review/fields/{field}");
        var count = Inside(view).Count;
        await HasAsync(page, count);
        await page.Locator("#session-new summary").ClickAsync();
        await page.Locator("#session-choice").SelectOptionAsync("unsure");
        await page.Locator("#session-side").FillAsync("64");
        await page.Locator("#class").FillAsync("Tumour");
        await page.Locator("#why").ClickAsync();
        await page.Keyboard.TypeAsync("debris");
        foreach (var _ in "ris")
        {
            await page.Keyboard.PressAsync("ArrowLeft");
        }

        // Boris deletes a nucleus; the page asks every 15 seconds.
        await ReviewEndpointsTests.EditAsync(
            server,
            field,
            new
            {
                what = "delete",
                seen = view.GetProperty("entry").GetInt64(),
                nuclei = new[] { Inside(view)[0].GetProperty("id").GetString() },
                who = "boris",
            });
        await page.Clock.FastForwardAsync(15_000);
        await HasAsync(page, count - 1);
        await page.Keyboard.TypeAsync(", ");
        await Expect(page.Locator("#why")).ToHaveValueAsync("deb, ris");

        // While the server takes down that the field is right, which reloads the list of fields, Anna types on.
        var isTyped = new TaskCompletionSource();
        await page.RouteAsync(
            "**/edits",
            async route =>
            {
                await isTyped.Task;
                await route.ContinueAsync();
            });
        await page.Locator("#review-accept").ClickAsync();
        await page.Locator("#why").FillAsync("the next ");
        isTyped.SetResult();
        await Expect(page.Locator("#review .fields").GetByText("✓ " + field)).ToBeVisibleAsync();
        await Expect(page.Locator("#field-state")).Not.ToContainTextAsync(field);
        await page.Keyboard.TypeAsync("reason");
        await Expect(page.Locator("#why")).ToHaveValueAsync("the next reason");

        // Another reload, while fields to come are asked for.
        await page.Locator("#session-fields").FillAsync("7");
        var second = await page.Locator("#field-state strong").TextContentAsync();
        await page.Locator("#review-accept").DispatchEventAsync("click");
        await Expect(page.Locator("#review .fields").GetByText("✓ " + second)).ToBeVisibleAsync();
        await page.Keyboard.TypeAsync("5");
        await Expect(page.Locator("#session-fields")).ToHaveValueAsync("75");
        await Expect(page.Locator("#session-side")).ToHaveValueAsync("64");
        await Expect(page.Locator("#session-choice")).ToHaveValueAsync("unsure");
        await Expect(page.Locator("#why")).ToHaveValueAsync("");
        await Expect(page.Locator("#class")).ToHaveValueAsync("Tumour");

        // So the fields that are drawn are those asked for, and the reasons of then stand in the log.
        await page.Locator("#session-start").ClickAsync();
        await Expect(page.Locator("#session-new")).Not.ToHaveAttributeAsync("open", "");
        var sessions = await server.GetAsync("/api/review/sessions");
        Assert.Equal(2, sessions.GetArrayLength());
        Assert.Equal("unsure", sessions[1].GetProperty("choice").GetString());
        Assert.Equal(64, sessions[1].GetProperty("side").GetDouble());
        Assert.Contains(Logs(), log => log.Contains("\"deb, ris\"", StringComparison.Ordinal) && log.Contains("\"the next reason\"", StringComparison.Ordinal));
        Assert.Empty(complaints);
    }

    /// <summary>While a field is reviewed: axe finds nothing serious, and nothing is cut off sideways, at 125 % and on a tablet too.</summary>
    [Theory]
    [InlineData(ColorScheme.Light, 1400, 900)]
    [InlineData(ColorScheme.Dark, 1120, 720)]
    [InlineData(ColorScheme.Light, 820, 1180)]
    public async Task TheReviewPanelIsForAllPeopleAndWindows(ColorScheme scheme, int width, int height)
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await ReviewEndpointsTests.FieldAsync(server);
        var (page, complaints) = await browser.OpenAsync(
            server.Address,
            options: new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = width, Height = height } });
        if (width < 1000)
        {
            await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Panels", Exact = true }).ClickAsync();
        }

        await OpenFieldAsync(page, field, "anna");
        await Browser.HasNoSeriousFaultAsync(page);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth"));
        await Expect(page.Locator("#review-accept")).ToBeVisibleAsync();
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task TheSecondPersonInAFieldIsTold()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await ReviewEndpointsTests.FieldAsync(server);
        var (anna, _) = await browser.OpenAsync(server.Address);
        await OpenFieldAsync(anna, field, "anna");
        var (boris, _) = await browser.OpenAsync(server.Address);
        await OpenFieldAsync(boris, field, "boris");
        await Expect(boris.Locator("#others")).ToContainTextAsync("anna");

        // Anna deletes what Boris still sees, and Boris calls the field right without having seen that.
        var view = await server.GetAsync($"/api/review/fields/{field}");
        var place = await PlaceAsync(anna, view);
        var (x, y) = place(Middle(Inside(view)[0]));
        await anna.Mouse.ClickAsync(x, y);
        await Expect(anna.Locator("#chosen")).ToHaveTextAsync("1 chosen");
        await anna.Keyboard.PressAsync("Delete");
        await HasAsync(anna, Inside(view).Count - 1);
        await boris.Keyboard.PressAsync("f");
        await Expect(boris.Locator(".notice")).ToContainTextAsync("anna changed this meanwhile");
        Assert.False((await server.GetAsync($"/api/review/fields/{field}")).GetProperty("state").GetProperty("isDone").GetBoolean());
    }

    /// <summary>A key that is held or pressed again, and edits that wait while another field is opened: no field is accepted that nobody saw.</summary>
    [Fact]
    public async Task WhatWasMeantForAFieldIsNotDoneToTheNext()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await ReviewEndpointsTests.FieldAsync(server);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await OpenFieldAsync(page, field, "anna");
        var id = (await page.Locator("#review .fields button:not([aria-current])").First.GetAttributeAsync("id"))!["field-".Length..];
        var isAnswered = new TaskCompletionSource();
        var edits = new List<string>();
        await page.RouteAsync("**/edits", async route =>
        {
            var what = route.Request.PostDataJSON()!.Value.GetProperty("what").GetString();
            edits.Add($"{what} {route.Request.Url.Split('/')[^2]}");
            await isAnswered.Task;
            if (what == "undo")
            {
                await route.FulfillAsync(new RouteFulfillOptions { Json = new { } });
            }
            else
            {
                await route.ContinueAsync();
            }
        });

        // An edit is under way, and the field is called right behind it; then another field is opened.
        await page.RunAndWaitForRequestAsync(() => page.Keyboard.PressAsync("u"), "**/edits");
        await page.Keyboard.PressAsync("f");
        await page.Locator($"[id='field-{id}']").ClickAsync();
        await Expect(page.Locator("#field-state")).ToContainTextAsync(id);
        isAnswered.SetResult();
        await page.RunAndWaitForResponseAsync(() => page.Keyboard.PressAsync("u"), answer => answer.Url.EndsWith($"/{id}/edits", StringComparison.Ordinal));

        // That one is called right by a key that is held and pressed again.
        isAnswered = new TaskCompletionSource();
        await page.RunAndWaitForRequestAsync(() => page.Keyboard.DownAsync("f"), "**/edits");
        await page.Keyboard.DownAsync("f");
        await page.Keyboard.UpAsync("f");
        await page.Keyboard.PressAsync("f");
        isAnswered.SetResult();
        await Expect(page.Locator("#field-state")).Not.ToContainTextAsync(id);
        var third = await page.Locator("#field-state strong").TextContentAsync();
        await page.RunAndWaitForResponseAsync(() => page.Keyboard.PressAsync("u"), "**/edits");
        Assert.Equal([$"undo {field}", $"undo {id}", $"accept {id}", $"undo {third}"], edits);
        Assert.Empty(complaints);
    }

    /// <summary>A second click would give the field free behind the first one's back; of two fields that are clicked, the last one opens.</summary>
    [Fact]
    public async Task AFieldIsOpenedOnceHoweverOftenItIsClicked()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await ReviewEndpointsTests.FieldAsync(server);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        var asked = new List<string>();
        page.Request += (_, request) =>
        {
            if (request.Url.Contains("/review/fields/", StringComparison.Ordinal))
            {
                asked.Add($"{request.Method} {request.Url.Split("/fields/")[1]}");
            }
        };
        var isAnswered = new TaskCompletionSource();
        await page.RouteAsync($"**/review/fields/{field}", async route =>
        {
            await isAnswered.Task;
            await route.ContinueAsync();
        });
        var button = page.Locator($"[id='field-{field}']");
        await button.DblClickAsync();
        isAnswered.SetResult();
        await Expect(page.Locator("#field-state")).ToContainTextAsync(field);
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await button.DblClickAsync();
        await Browser.SettledAsync(page);

        // Claimed, and looked at once more: somebody may have edited it before.
        Assert.Equal([$"GET {field}", $"POST {field}/claim", $"GET {field}"], asked);

        var others = page.Locator("#review .fields button:not([aria-current])");
        var slow = (await others.First.GetAttributeAsync("id"))!["field-".Length..];
        isAnswered = new TaskCompletionSource();
        await page.RouteAsync($"**/review/fields/{slow}", async route =>
        {
            await isAnswered.Task;
            await route.ContinueAsync();
        });
        await others.First.ClickAsync();
        var last = (await others.Last.GetAttributeAsync("id"))!["field-".Length..];
        await others.Last.ClickAsync();
        await Expect(page.Locator("#field-state")).ToContainTextAsync(last);
        await page.RunAndWaitForResponseAsync(
            () =>
            {
                isAnswered.SetResult();
                return Task.CompletedTask;
            },
            $"**/review/fields/{slow}");
        await Browser.SettledAsync(page);
        await Expect(page.Locator("#field-state")).ToContainTextAsync(last);
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task AFieldThatCouldNotBeAcceptedStaysOpen()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var field = await ReviewEndpointsTests.FieldAsync(server);
        var (page, _) = await browser.OpenAsync(server.Address);
        await OpenFieldAsync(page, field, "anna");
        var opened = new List<string>();
        page.Request += (_, request) =>
        {
            if (request.Method == "GET" && request.Url.Contains("/review/fields/", StringComparison.Ordinal))
            {
                opened.Add(request.Url.Split('/')[^1]);
            }
        };
        await page.RouteAsync("**/edits", route => route.FulfillAsync(new RouteFulfillOptions { Status = 500, Json = new { error = "The disk is full." } }));
        await page.Keyboard.PressAsync("f");
        await Expect(page.Locator(".notice")).ToHaveTextAsync("The disk is full.");

        // Where the page moves on, it has asked for the next field by now.
        await page.RunAndWaitForRequestAsync(() => page.Keyboard.PressAsync("u"), "**/edits");
        Assert.DoesNotContain(opened, each => each != field);
        await Expect(page.Locator("#field-state")).ToContainTextAsync(field);
    }

    private IEnumerable<string> Logs() =>
        Directory.GetFiles(_folder.File("results"), "*.review.jsonl", SearchOption.AllDirectories).Select(File.ReadAllText);

    private static async Task OpenFieldAsync(IPage page, string field, string who)
    {
        await page.Locator("#reviewer").FillAsync(who);
        await page.Keyboard.PressAsync("Tab");
        await page.Locator("#review .fields").GetByText(field).ClickAsync();
        await Expect(page.Locator("#field-state")).ToContainTextAsync(field);
    }

    private static Task HasAsync(IPage page, int count) =>
        Expect(page.Locator("#field-state")).ToContainTextAsync($"· {count.ToString(CultureInfo.InvariantCulture)} nuclei ·");

    // Where a point of the slide is on the screen: the field stands in the middle, as large as four fifths of the map.
    private static async Task<Func<(double X, double Y), (float X, float Y)>> PlaceAsync(IPage page, JsonElement view)
    {
        var box = (await page.Locator("#map").BoundingBoxAsync())!;
        var field = view.GetProperty("field");
        var (x, y) = (field.GetProperty("x").GetDouble(), field.GetProperty("y").GetDouble());
        var (width, height) = (field.GetProperty("width").GetDouble(), field.GetProperty("height").GetDouble());
        var resolution = Math.Max(width / (box.Width * 0.8), height / (box.Height * 0.8));
        return p => ((float)(box.X + (box.Width / 2) + ((p.X - x - (width / 2)) / resolution)),
            (float)(box.Y + (box.Height / 2) + ((p.Y - y - (height / 2)) / resolution)));
    }

    private static async Task DragAsync(IPage page, params (float X, float Y)[] places)
    {
        await page.Mouse.MoveAsync(places[0].X, places[0].Y);
        await page.Mouse.DownAsync();
        foreach (var (x, y) in places[1..])
        {
            await page.Mouse.MoveAsync(x, y, new MouseMoveOptions { Steps = 8 });
        }

        await page.Mouse.UpAsync();
    }

    private static List<JsonElement> Inside(JsonElement view) =>
        [.. view.GetProperty("nuclei").EnumerateArray().Where(n => n.GetProperty("isInField").GetBoolean())];

    private static double[] Outline(JsonElement nucleus) => [.. nucleus.GetProperty("outline").EnumerateArray().Select(v => v.GetDouble())];

    private static double Area(JsonElement nucleus)
    {
        var o = Outline(nucleus);
        return Math.Abs(Enumerable.Range(0, o.Length / 2)
            .Sum(i => (o[2 * i] * o[((2 * i) + 3) % o.Length]) - (o[((2 * i) + 2) % o.Length] * o[(2 * i) + 1]))) / 2;
    }

    private static (double X, double Y) Middle(JsonElement nucleus)
    {
        var o = Outline(nucleus);
        return (o.Where((_, i) => i % 2 == 0).Average(), o.Where((_, i) => i % 2 == 1).Average());
    }

    // The point of the field that is farthest from all nuclei.
    private static (double X, double Y) Free(JsonElement view)
    {
        var field = view.GetProperty("field");
        var nuclei = view.GetProperty("nuclei").EnumerateArray().SelectMany(n => Outline(n).Chunk(2)).ToList();
        return (from i in Enumerable.Range(1, 8)
                from j in Enumerable.Range(1, 8)
                let p = (X: field.GetProperty("x").GetDouble() + (field.GetProperty("width").GetDouble() * i / 9),
                    Y: field.GetProperty("y").GetDouble() + (field.GetProperty("height").GetDouble() * j / 9))
                select p).MaxBy(p => nuclei.Min(n => Math.Pow(n[0] - p.X, 2) + Math.Pow(n[1] - p.Y, 2)));
    }
}
