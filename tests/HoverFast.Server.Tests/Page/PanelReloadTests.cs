using System.Globalization;
using System.Text.Json;
using HoverFast.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace HoverFast.Server.Tests.Page;

/// <summary>Panels are filled anew by polling, events and filters: what a person types, chose or stands on stays. The review's: ReviewPageTests.</summary>
public sealed class PanelReloadTests(SegmentedSlides data, Browser browser) : IDisposable
{
    private static readonly object _estimate =
        new { slides = 1, failed = Array.Empty<object>(), tissue = 1, seconds = 5, nuclei = 100, memory = 1e8, bytes = 1e6 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AReasonIsTypedWhileAModelIsTaught()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        var step = 1;
        await page.RouteAsync("**/api/models", route => route.FulfillAsync(new RouteFulfillOptions
        {
            Json = new
            {
                models = new[] { Model(1, "candidate", promotedBy: null) },
                teaching = new { state = "running", lines = new[] { $"step {step}" } },
            },
        }));
        await page.Locator("#models > summary").ClickAsync();
        await Expect(page.Locator("#models .log")).ToHaveTextAsync("step 1");
        await page.Locator("#promote-why").ClickAsync();
        await page.Keyboard.TypeAsync("better");
        step = 2;
        await Expect(page.Locator("#models .log")).ToHaveTextAsync("step 2");
        await page.Keyboard.TypeAsync(" on ours");
        await Expect(page.Locator("#promote-why")).ToHaveValueAsync("better on ours");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task JobsThatGoOnLeaveWhatIsChosenToldAndFocused()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        var (told, first) = (0, "running");
        await page.RouteAsync("**/api/jobs/events", route =>
        {
            told++;
            var jobs = JsonSerializer.Serialize(new[] { Job(1, first, told), Job(2, "running", told) });
            return route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/event-stream", Body = $"retry: 300\nevent: jobs\ndata: {jobs}\n\n" });
        });
        await page.RouteAsync("**/api/jobs/estimate", route => route.FulfillAsync(new RouteFulfillOptions { Json = _estimate }));
        await page.GetByText("Segment slides").ClickAsync();
        await page.Locator(".choice").GetByLabel(SegmentedSlides.New).CheckAsync();
        await page.Locator("#estimate-jobs").ClickAsync();
        await Expect(page.Locator("#estimated-time")).ToHaveTextAsync("5 s");
        var cancel = page.Locator(".job").Nth(1).GetByText("Cancel");
        await cancel.FocusAsync();

        // The first is done, which brings the list of slides anew; the events go on.
        await page.RunAndWaitForResponseAsync(
            () =>
            {
                first = "done";
                return Task.CompletedTask;
            },
            answer => answer.Url.EndsWith("/api/slides", StringComparison.Ordinal));
        await Expect(page.Locator(".job.done")).ToHaveCountAsync(1);
        await Expect(page.Locator(".job").Nth(1)).ToContainTextAsync($"{10 * (told + 1)} nuclei");
        await Expect(cancel).ToBeFocusedAsync();
        await Expect(page.Locator(".choice").GetByLabel(SegmentedSlides.New)).ToBeCheckedAsync();
        await Expect(page.Locator("#start")).ToBeVisibleAsync();
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task AnEstimateOfWhatIsNoLongerChosenStartsNothing()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        var isAnswered = new TaskCompletionSource();
        await page.RouteAsync("**/api/jobs/estimate", async route =>
        {
            await isAnswered.Task;
            await route.FulfillAsync(new RouteFulfillOptions { Json = _estimate });
        });
        await page.GetByText("Segment slides").ClickAsync();
        await page.Locator(".choice").GetByLabel(SegmentedSlides.New).CheckAsync();
        await page.Locator("#estimate-jobs").ClickAsync();
        await Expect(page.Locator("#estimate-jobs")).ToBeDisabledAsync();
        await page.Locator(".choice").GetByLabel(SegmentedSlides.New).UncheckAsync();
        isAnswered.SetResult();
        await Expect(page.Locator("#estimate-jobs")).ToBeEnabledAsync();
        await Expect(page.Locator("#start")).ToHaveCountAsync(0);
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task AFilterCountsAnewAndLeavesTheDistributionThatWasChosen()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await Browser.DrawnAsync(page);
        await Expect(page.Locator("aside.right").GetByText("Density; zoom in for outlines")).ToBeVisibleAsync();
        var box = (await page.Locator("#map").BoundingBoxAsync())!;
        await page.GetByText("Draw a box").ClickAsync();
        await page.Mouse.ClickAsync(box.X + (box.Width * 0.2f), box.Y + (box.Height * 0.2f));
        await page.Mouse.ClickAsync(box.X + (box.Width * 0.8f), box.Y + (box.Height * 0.7f));
        await page.Locator("#distribution").SelectOptionAsync(new SelectOptionValue { Index = 2 });
        var chosen = await page.Locator("#distribution").InputValueAsync();
        var all = await page.Locator("#region-count").TextContentAsync();
        await page.Locator("#add-filter").SelectOptionAsync("0");
        await page.Locator(".filter input").First.FillAsync("30");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("#region-count")).Not.ToHaveTextAsync(all!);
        await Expect(page.Locator("#distribution")).ToHaveValueAsync(chosen);
        Assert.Empty(complaints);
    }

    /// <summary>Counts of a filter that has changed since, or of a region that was cleared, come too late.</summary>
    [Fact]
    public async Task CountsThatComeLateAreNotShown()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await Browser.DrawnAsync(page);
        const string Region = "**/nuclei/region";
        var (asked, early, late) = (0, new TaskCompletionSource(), new TaskCompletionSource());
        await page.RouteAsync(Region, async route =>
        {
            asked++;
            var count = asked;
            await (count == 1 ? early.Task : count == 3 ? late.Task : Task.CompletedTask);
            await route.FulfillAsync(new RouteFulfillOptions
            {
                Json = new { count, area = (double?)null, density = (double?)null, classes = Array.Empty<object>(), measurements = Array.Empty<object>() },
            });
        });
        var box = (await page.Locator("#map").BoundingBoxAsync())!;
        await page.GetByText("Draw a box").ClickAsync();
        await page.Mouse.ClickAsync(box.X + (box.Width * 0.2f), box.Y + (box.Height * 0.2f));
        await page.RunAndWaitForRequestAsync(() => page.Mouse.ClickAsync(box.X + (box.Width * 0.8f), box.Y + (box.Height * 0.7f)), Region);
        await page.Locator("#add-filter").SelectOptionAsync("0");
        await Expect(page.Locator("#region-count")).ToHaveTextAsync("2");
        await AnswerAsync(early);
        await Expect(page.Locator("#region-count")).ToHaveTextAsync("2");

        await page.RunAndWaitForRequestAsync(() => page.Locator("#add-filter").SelectOptionAsync("1"), Region);
        await page.Locator("#region-clear").ClickAsync();
        await AnswerAsync(late);
        await Expect(page.Locator("#region-count")).ToHaveCountAsync(0);
        Assert.Empty(complaints);

        async Task AnswerAsync(TaskCompletionSource held)
        {
            await page.RunAndWaitForResponseAsync(
                () =>
                {
                    held.SetResult();
                    return Task.CompletedTask;
                },
                Region);
            await Browser.SettledAsync(page);
        }
    }

    [Fact]
    public async Task AnAnswerThatFailsDoesNotEndTheReadingOfNuclei()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var (page, _) = await browser.OpenAsync(server.Address);
        await Browser.DrawnAsync(page);
        var asked = 0;
        await page.RouteAsync("**/nuclei", route =>
        {
            asked++;
            return asked == 2 ? route.FulfillAsync(new RouteFulfillOptions { Status = 500, Json = new { error = "Too busy." } })
                : asked > 2 ? route.ContinueAsync()
                : route.FulfillAsync(new RouteFulfillOptions
                {
                    Json = new { state = "building", progress = 0.5, measurements = Array.Empty<object>(), classes = Array.Empty<object>() },
                });
        });
        await page.ReloadAsync();
        await Expect(page.Locator(".notice")).ToHaveTextAsync("Too busy.");
        await Expect(page.Locator("aside.right").GetByText("Density; zoom in for outlines")).ToBeVisibleAsync();
    }

    /// <summary>A second click, before the page tells what the first one did, goes back no further; nor does one on what is no longer in use.</summary>
    [Fact]
    public async Task AModelIsRolledBackOnce()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var (page, _) = await browser.OpenAsync(server.Address);
        var (current, isRefused, isFailing) = (3, false, false);
        var told = new List<int>();
        await page.RouteAsync("**/api/models", route => isFailing
            ? route.FulfillAsync(new RouteFulfillOptions { Status = 500, Json = new { error = "Too busy." } })
            : route.FulfillAsync(new RouteFulfillOptions
            {
                Json = new
                {
                    models = new[] { ModelNow(1, current), ModelNow(2, current), ModelNow(3, current) },
                    teaching = new { state = "running", lines = Array.Empty<string>() },
                },
            }));
        var isAnswered = new TaskCompletionSource();
        await page.RouteAsync("**/api/models/rollback", async route =>
        {
            told.Add(route.Request.PostDataJSON()!.Value.GetProperty("current").GetInt32());
            await isAnswered.Task;
            current--;
            await route.FulfillAsync(isRefused ? new RouteFulfillOptions { Status = 409, Json = new { error = "Another one is in use." } }
                : new RouteFulfillOptions { Json = new { version = current } });
        });
        await page.Locator("#models > summary").ClickAsync();
        await page.Locator("#roll-back").DblClickAsync();
        await Expect(page.Locator("#roll-back")).ToBeDisabledAsync();
        await Expect(page.Locator("#promote-1")).ToBeDisabledAsync();

        // The panel is filled anew meanwhile, since a model is taught.
        await page.RunAndWaitForResponseAsync(() => Task.CompletedTask, "**/api/models");
        await Browser.SettledAsync(page);
        await Expect(page.Locator("#roll-back")).ToBeDisabledAsync();
        isAnswered.SetResult();
        await Expect(page.Locator("#promote-3")).ToBeEnabledAsync();
        await Expect(page.Locator("#roll-back")).ToBeFocusedAsync();
        Assert.Equal([3], told);

        // Where it is refused, the panel shows what is in use now.
        isRefused = true;
        await page.Locator("#roll-back").ClickAsync();
        await Expect(page.Locator(".notice")).ToHaveTextAsync("Another one is in use.");
        await Expect(page.Locator("#promote-2")).ToBeEnabledAsync();
        Assert.Equal([3, 2], told);

        // One answer that fails is not the last that is asked for.
        isFailing = true;
        await Expect(page.Locator(".notice")).ToHaveTextAsync("Too busy.");
        (isFailing, current) = (false, 3);
        await Expect(page.Locator("#promote-1")).ToBeEnabledAsync();
        await Expect(page.Locator("#promote-3")).ToHaveCountAsync(0);
        await Expect(page.Locator("#promote-2")).ToBeEnabledAsync();

        // A button that is gone by what it did leaves the keyboard in the panel.
        await page.RouteAsync("**/api/models/2/promote", route =>
        {
            current = 2;
            return route.FulfillAsync(new RouteFulfillOptions { Json = new { version = 2 } });
        });
        await page.Locator("#promote-2").PressAsync("Enter");
        await Expect(page.Locator("#promote-2")).ToHaveCountAsync(0);
        await Expect(page.Locator("#models > summary")).ToBeFocusedAsync();

        static object ModelNow(int version, int current) => Model(version, version == current ? "current" : "former", promotedBy: "anna");
    }

    /// <summary>A link that is followed, or a key, changes colours and filters without the panel: it shows them all the same.</summary>
    [Fact]
    public async Task ThePanelFollowsLinksAndKeys()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await Browser.DrawnAsync(page);
        await Expect(page.Locator("#colour")).ToHaveValueAsync("one");
        await page.Locator("#add-filter").SelectOptionAsync("0");
        var slide = await server.IdOfAsync(SegmentedSlides.Done);
        await page.EvaluateAsync($"() => {{ location.hash = 'slide={slide}&colour=confidence&outlines=0&filter=0,64,127&filter=1,0,255'; }}");
        await Expect(page.Locator(".filter")).ToHaveCountAsync(2);
        await Expect(page.Locator("#colour")).ToHaveValueAsync("confidence");
        await Expect(page.GetByText("Match probability: blue where")).ToBeVisibleAsync();
        await Expect(page.Locator("#show-outlines")).Not.ToBeCheckedAsync();
        var area = (await server.NucleiAsync(slide)).GetProperty("measurements")[0];
        var (low, high) = (area.GetProperty("low").GetDouble(), area.GetProperty("high").GetDouble());
        var from = double.Parse(await page.Locator(".filter input").First.InputValueAsync(), CultureInfo.InvariantCulture);
        Assert.Equal(low + ((high - low) / 4), from, high / 1000);

        // Of filters that stay, only the range moves; one is removed by its own button.
        await page.Locator(".filter").First.EvaluateAsync("filter => { filter.dataset.second = 'yes'; }");
        await page.EvaluateAsync($"() => {{ location.hash = 'slide={slide}&filter=0,0,255&filter=1,0,255'; }}");
        await Expect(page.Locator("#colour")).ToHaveValueAsync("one");
        await Expect(page.Locator(".filter input").First).Not.ToHaveValueAsync(from.ToString(CultureInfo.InvariantCulture));
        await Expect(page.Locator(".filter[data-second]")).ToHaveCountAsync(1);
        await page.Locator(".filter button").First.ClickAsync();
        await Expect(page.Locator(".filter")).ToHaveCountAsync(1);
        await Expect(page.Locator(".filter[data-second]")).ToHaveCountAsync(0);
        await page.Locator("#map").FocusAsync();
        await page.Keyboard.PressAsync("c");
        await Expect(page.Locator("#colour")).Not.ToHaveValueAsync("one");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task TheFocusStaysWhereOneWorksByKeyboard()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var (page, _) = await browser.OpenAsync(server.Address);
        await Browser.DrawnAsync(page);

        // Keys change a box that has the focus, too.
        await page.Locator("#show-outlines").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Expect(page.Locator("#show-outlines")).Not.ToBeCheckedAsync();
        await page.Keyboard.PressAsync("o");
        await Expect(page.Locator("#show-outlines")).ToBeCheckedAsync();
        await page.Keyboard.PressAsync("Space");
        await Expect(page.Locator("#show-outlines")).Not.ToBeCheckedAsync();

        // A slide opened from the list.
        await page.Locator(".slide-card").Nth(1).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("header h1")).ToHaveTextAsync(SegmentedSlides.New);
        await Expect(page.Locator(".slide-card").Nth(1)).ToBeFocusedAsync();
    }

    /// <summary>Buttons that are gone by what they did leave the keyboard in their panel, where it would go back to the start of the page.</summary>
    [Fact]
    public async Task ButtonsThatVanishLeaveTheKeyboardInTheirPanel()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await Browser.DrawnAsync(page);
        await page.Locator("#add-filter").SelectOptionAsync("0");
        await page.Locator(".filter button").PressAsync("Enter");
        await Expect(page.Locator(".filter")).ToHaveCountAsync(0);
        await Expect(Head("Nuclei")).ToBeFocusedAsync();

        // Drawn fields fold the form up; a field that is closed takes its buttons along.
        await page.Locator("#session-fields").FillAsync("2");
        await page.Locator("#session-start").PressAsync("Enter");
        await Expect(page.Locator(".fields button")).ToHaveCountAsync(2);
        await Expect(Head("Review")).ToBeFocusedAsync();
        await page.Locator(".fields button").First.PressAsync("Enter");
        await page.Locator("#review-accept").PressAsync("Enter");
        await Expect(page.Locator("#field-state")).ToContainTextAsync("1.02");

        // The next field has such a button too.
        await Expect(page.Locator("#review-accept")).ToBeFocusedAsync();
        await page.Locator("#review-close").PressAsync("Enter");
        await Expect(page.Locator("#review-close")).ToHaveCountAsync(0);
        await Expect(Head("Review")).ToBeFocusedAsync();

        // Who is elsewhere stays there.
        await page.Locator("#add-filter").SelectOptionAsync("0");
        await page.Locator(".filter button").FocusAsync();
        await page.Locator("#map").FocusAsync();
        await page.EvaluateAsync("() => document.querySelector('.filter button').click()");
        await Expect(page.Locator(".filter")).ToHaveCountAsync(0);
        await Expect(page.Locator("#map")).ToBeFocusedAsync();
        Assert.Empty(complaints);

        ILocator Head(string title) => page.Locator(".panel > summary").Filter(new LocatorFilterOptions { HasTextRegex = new($"^{title}$") });
    }

    private static object Job(int id, string state, int told) => new
    {
        id,
        slide = "",
        name = $"slide {id}",
        state,
        account = "",
        tilesDone = told,
        tileCount = 100,
        tilesResumed = 0,
        nuclei = 10 * told,
        message = (string?)null,
        secondsLeft = (double?)null,
        tilesPerSecond = (double?)null,
        place = (string?)null,
        batch = (object?)null,
    };

    /// <summary>A model as the registry tells of it.</summary>
    private static object Model(int version, string state, string? promotedBy) => new
    {
        version,
        state,
        name = "ours",
        parent = (int?)null,
        parentName = "hoverfast-he",
        fields = 3,
        scores = Array.Empty<object>(),
        who = "anna",
        promotedBy,
    };
}
