using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HoverFast.Server.Accounts;
using HoverFast.Server.Slides;
using HoverFast.Server.Tests.Nuclei;
using HoverFast.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace HoverFast.Server.Tests.Page;

/// <summary>The page in a real browser.</summary>
public sealed partial class ViewerPageTests(SegmentedSlides data, Browser browser) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task FieldsToReviewTellWhatIsExpectedAndAreSortedByIt()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await page.Locator("#session-start").ClickAsync();
        await Expect(page.Locator("#review .fields li")).ToHaveCountAsync(12);
        var drawn = await page.Locator("#review .fields li").AllInnerTextsAsync();
        await page.Locator("#session-order").SelectOptionAsync("worst");
        var sorted = await page.Locator("#review .fields li").AllInnerTextsAsync();
        Assert.Equal(drawn.Order(StringComparer.Ordinal), sorted.Order(StringComparer.Ordinal));
        List<double> expected = [.. sorted.Select(t => double.Parse(t.Split("· ")[1], CultureInfo.InvariantCulture))];
        Assert.Equal(expected.Order(), expected);
        await page.Locator("#review .fields li button").First.ClickAsync();
        await Expect(page.Locator("#field-expected"))
            .ToHaveTextAsync(new Regex($"^Expected PQ {sorted[0].Split("· ")[1]} \\(80 %: 0\\.[0-9]+ to 0\\.[0-9]+\\)$"));
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task ASlideIsOpenedZoomedFilteredClickedAndCounted()
    {
        var server = await data.ServerAsync();
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await Expect(page.Locator(".slide-card")).ToHaveCountAsync(2);
        await Expect(page.Locator("header h1")).ToHaveTextAsync(SegmentedSlides.Done);
        await Browser.DrawnAsync(page);
        await Expect(page.Locator(".scale-bar-text")).ToHaveTextAsync(ScaleText());

        // Near: the outlines in view are those of the result.
        var feature = ResultFeatures.Of(data.Results)[40];
        var (x, y) = ResultFeatures.Inside(feature);
        await GoAsync(page, x, y, 0.5);
        var box = (await page.Locator("#map").BoundingBoxAsync())!;
        var centres = ResultFeatures
            .Of(data.Results)
            .Count(f => ResultFeatures.Centroid(f) is var (cx, cy) && Math.Abs(cx - x) < box.Width / 4 && Math.Abs(cy - y) < box.Height / 4);
        var text = await CountedAsync(page, centres, (int)(centres * 1.4));

        // The one in the middle is clicked.
        await page.Mouse.ClickAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await Expect(page.Locator(".id")).ToHaveTextAsync(feature.GetProperty("id").GetString()!);

        // A filter takes effect without a word to the server.
        var asked = 0;
        page.Request += (_, request) => asked += request.Url.Contains("/nuclei", StringComparison.Ordinal) ? 1 : 0;
        await page.Locator("#add-filter").SelectOptionAsync(new SelectOptionValue { Label = "Nucleus: Area µm^2" });
        var area = ResultFeatures.Value(feature, "Nucleus: Area µm^2");
        await page.GetByLabel("Nucleus: Area µm^2, from").FillAsync((area * 1.2).ToString("0.#", System.Globalization.CultureInfo.InvariantCulture));
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("aside.right").GetByText("outlines in view pass")).Not.ToHaveTextAsync(text);
        Assert.Equal(0, asked);

        // The link opens the same view, filter and all.
        await page.WaitForURLAsync(FilterInLink());
        var (again, _) = await browser.OpenAsync(server.Address, page.Url[server.Address.OriginalString.Length..]);
        await Browser.DrawnAsync(again);
        var counted = await page.Locator("aside.right").GetByText("outlines in view pass").TextContentAsync();
        var patient = new LocatorAssertionsToHaveTextOptions { Timeout = 20_000 };
        await Expect(again.Locator("aside.right").GetByText("outlines in view pass")).ToHaveTextAsync(counted!, patient);

        // A region around the nucleus holds it; colours change by key.
        await page.GetByLabel("Remove the filter Nucleus: Area µm^2").ClickAsync();
        await page.GetByText("Draw a box").ClickAsync();
        await page.Mouse.ClickAsync(box.X + (box.Width / 2) - 100, box.Y + (box.Height / 2) - 100);
        await page.Mouse.ClickAsync(box.X + (box.Width / 2) + 100, box.Y + (box.Height / 2) + 100);
        var inside = ResultFeatures
            .Of(data.Results)
            .Count(f => ResultFeatures.Centroid(f) is var (cx, cy) && Math.Abs(cx - x) < 50 && Math.Abs(cy - y) < 50);
        await Expect(page.Locator("#region-count")).ToHaveTextAsync(new Regex($"^({inside - 1}|{inside}|{inside + 1})$"));
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("GeoJSON", new PageGetByTextOptions { Exact = true }).ClickAsync());
        Assert.Equal("done.region.geojson", download.SuggestedFilename);
        await page.Locator("#map").FocusAsync();
        await page.Keyboard.PressAsync("c");
        await Expect(page.Locator("#colour")).Not.ToHaveValueAsync("one");
        Assert.Empty(complaints);
    }

    /// <summary>Outlines lie on the nuclei: the middle of a nucleus shows its colour, the ground beside it not.</summary>
    [Fact]
    public async Task OutlinesLieWhereTheResultHasThem()
    {
        var server = await data.ServerAsync();
        var (page, _) = await browser.OpenAsync(server.Address);
        var feature = ResultFeatures.Of(data.Results)[40];
        var (x, y) = ResultFeatures.Inside(feature);
        await GoAsync(page, x, y, 0.25);
        var with = await MiddleAsync(page);
        await page.Keyboard.PressAsync("o");
        await page.WaitForTimeoutAsync(500);
        var without = await MiddleAsync(page);

        // Green over the nucleus.
        Assert.True(with[1] - without[1] > (with[0] - without[0]) + 10, $"with {string.Join(',', with)}, without {string.Join(',', without)}");
    }

    /// <summary>Coloured by confidence, a sure nucleus and an unsure one have the two ends of the scale, whatever the result calls its measurement.</summary>
    [Fact]
    public async Task ConfidenceIsTheMatchProbability()
    {
        var server = await data.ServerAsync();
        var (page, _) = await browser.OpenAsync(server.Address);
        var features = ResultFeatures.Of(data.Results).OrderBy(f => ResultFeatures.Value(f, "Match probability")).ToList();
        var colours = new List<double[]>();
        foreach (var feature in (JsonElement[])[features[0], features[^1]])
        {
            var (x, y) = ResultFeatures.Inside(feature);
            await GoAsync(page, x, y, 0.1);
            await page.Locator("#colour").SelectOptionAsync("one");
            var one = await MiddleAsync(page);
            await page.Locator("#colour").SelectOptionAsync("confidence");
            await Expect(page.Locator("aside.right").GetByText("Match probability: blue where")).ToBeVisibleAsync();
            await page.WaitForTimeoutAsync(500);
            colours.Add([.. (await MiddleAsync(page)).Zip(one, (a, b) => a - b)]);
        }

        // Beside the same green, the unsure one turns blue and the sure one orange.
        Assert.True(colours[0][2] > colours[1][2] && colours[1][0] > colours[0][0], string.Join(' ', colours.Select(c => string.Join(',', c))));
        await page.WaitForURLAsync(new Regex("colour=confidence"));
        await page.ReloadAsync();
        await Browser.DrawnAsync(page);
        await Expect(page.Locator("#colour")).ToHaveValueAsync("confidence");
    }

    [Fact]
    public async Task SlidesAreOrderedByWhatIsExpectedOfThem()
    {
        var results = data.CopyResults(_folder);
        var manifest = System.Text.Json.Nodes.JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(results, SegmentedSlides.Done + ".manifest.json"), TestContext.Current.CancellationToken))!;
        manifest["quality"]!["expectedPq"] = 0.05;
        manifest["quality"]!["expectedPqLow"] = 0.01;
        manifest["quality"]!["expectedPqHigh"] = 0.12;
        manifest["quality"]!["advice"] = "refuse";
        await File.WriteAllTextAsync(Path.Combine(results, "poor.manifest.json"), manifest.ToJsonString(), TestContext.Current.CancellationToken);
        File.Copy(Path.Combine(results, SegmentedSlides.Done + ".geojson.gz"), Path.Combine(results, "poor.geojson.gz"));
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var (page, _) = await browser.OpenAsync(server.Address);
        var names = page.Locator(".slide-card .slide-name");
        await Expect(names).ToHaveTextAsync([SegmentedSlides.Done, SegmentedSlides.New, "poor"]);

        await page.GetByLabel("Order of the slides").SelectOptionAsync(new SelectOptionValue { Label = "least expected accuracy first" });

        await Expect(names).ToHaveTextAsync(["poor", SegmentedSlides.Done, SegmentedSlides.New]);
        await Expect(page.Locator(".slide-card").First.GetByText("refuse", new LocatorGetByTextOptions { Exact = true })).ToBeVisibleAsync();
        await page.Locator(".slide-card").First.ClickAsync();
        await Expect(page.Locator("header h1")).ToHaveTextAsync("poor");
        await Expect(page.Locator("aside.right").GetByText("0.05 (80 %: 0.01 to 0.12)")).ToBeVisibleAsync();
        await Expect(page.Locator("aside.right").GetByText("refuse: not to be used")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task EverythingIsReachedByKeyboard()
    {
        var server = await data.ServerAsync();
        var (page, _) = await browser.OpenAsync(server.Address);
        await Browser.DrawnAsync(page);
        await page.Keyboard.PressAsync("n");
        await Expect(page.Locator("header h1")).ToHaveTextAsync(SegmentedSlides.New);
        await page.Keyboard.PressAsync("p");
        await Expect(page.Locator("header h1")).ToHaveTextAsync(SegmentedSlides.Done);
        await page.Keyboard.PressAsync("?");
        await Expect(page.Locator("dialog[open]")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("new");
        await Expect(page.Locator(".slide-card")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("header h1")).ToHaveTextAsync(SegmentedSlides.New);
        await page.Locator("#map").FocusAsync();
        var before = await page.Locator(".scale-bar-magnification").TextContentAsync();
        await page.Keyboard.PressAsync("+");
        await Expect(page.Locator(".scale-bar-magnification")).Not.ToHaveTextAsync(before!);
    }

    [Fact]
    public async Task EnterOnAButtonOfTheMapPressesItAndNoMore()
    {
        var server = await data.ServerAsync();
        var (page, _) = await browser.OpenAsync(server.Address);
        var feature = ResultFeatures.Of(data.Results)[40];
        var (x, y) = ResultFeatures.Inside(feature);
        await GoAsync(page, x, y, 0.5);
        var asked = 0;
        page.Request += (_, request) => asked += request.Url.Contains("/nuclei/at", StringComparison.Ordinal) ? 1 : 0;
        var before = await page.Locator(".scale-bar-magnification").TextContentAsync();
        await page.Locator("#map .ol-zoom-in").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".scale-bar-magnification")).Not.ToHaveTextAsync(before!);
        await Browser.SettledAsync(page);
        Assert.Equal(0, asked);

        // On the map itself it takes the nucleus in the middle.
        await page.Locator("#map").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".id")).ToHaveTextAsync(feature.GetProperty("id").GetString()!);
    }

    [Fact]
    public async Task NextAndPreviousSlideAreThoseOfTheListAsItIsShown()
    {
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        foreach (var name in new[] { SegmentedSlides.Done, SegmentedSlides.New, "also" })
        {
            File.Copy(Path.Combine(data.Slides, (name == "also" ? SegmentedSlides.New : name) + ".svs"), Path.Combine(slides, name + ".svs"));
        }

        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), slides);
        var (page, _) = await browser.OpenAsync(server.Address);
        var title = page.Locator("header h1");
        await Expect(title).ToHaveTextAsync(SegmentedSlides.Done);
        await page.GetByLabel("Order of the slides").SelectOptionAsync("nuclei");
        await Expect(page.Locator(".slide-card .slide-name")).ToHaveTextAsync([SegmentedSlides.Done, "also", SegmentedSlides.New]);
        await page.Locator("#map").FocusAsync();
        await page.Keyboard.PressAsync("n");
        await Expect(title).ToHaveTextAsync("also");
        await page.Keyboard.PressAsync("p");
        await Expect(title).ToHaveTextAsync(SegmentedSlides.Done);

        // Of those that the search leaves; what is shown is none of them.
        await page.Locator("#search").FillAsync("not segmented");
        await Expect(page.Locator(".slide-card .slide-name")).ToHaveTextAsync(["also", SegmentedSlides.New]);
        await page.Locator("#map").FocusAsync();
        foreach (var (key, slide) in new[] { ("n", "also"), ("n", SegmentedSlides.New), ("p", "also") })
        {
            await page.Keyboard.PressAsync(key);
            await Expect(title).ToHaveTextAsync(slide);
        }
    }

    /// <summary>axe-core (Deque) finds nothing serious, light or dark, wide or on a tablet.</summary>
    [Theory]
    [InlineData(ColorScheme.Light, 1400, 900)]
    [InlineData(ColorScheme.Dark, 1400, 900)]
    [InlineData(ColorScheme.Light, 820, 1180)]
    public async Task AxeFindsNoSeriousFault(ColorScheme scheme, int width, int height)
    {
        var server = await data.ServerAsync();
        var (page, _) = await browser.OpenAsync(
            server.Address,
            options: new BrowserNewContextOptions
            {
                ColorScheme = scheme,
                ViewportSize = new ViewportSize { Width = width, Height = height },
            });
        await Browser.DrawnAsync(page);
        if (width > 1000)
        {
            await page.Locator("#add-filter").SelectOptionAsync("0");
            await page.Locator("#colour").SelectOptionAsync("1");
            await page.GetByText("Segment slides").ClickAsync();
        }
        else
        {
            await page.GetByLabel("List of slides").ClickAsync();
        }

        await Browser.HasNoSeriousFaultAsync(page);
        Assert.True(await page.EvaluateAsync<int>("async () => (await axe.run()).passes.length") > 15);
    }

    /// <summary>The page at 125 % fits its window: nothing is cut off sideways.</summary>
    [Theory]
    [InlineData(1120, 720)]
    [InlineData(820, 1180)]
    public async Task ThePageFitsAtLargerZoomAndOnATablet(int width, int height)
    {
        var server = await data.ServerAsync();
        var (page, _) = await browser.OpenAsync(
            server.Address,
            options: new BrowserNewContextOptions
            {
                ViewportSize = new ViewportSize { Width = width, Height = height },
            });
        await Browser.DrawnAsync(page);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth"));
        var map = (await page.Locator("#map").BoundingBoxAsync())!;
        Assert.True(map.Width > 400 && map.Height > 600, $"{map.Width} x {map.Height}");
    }

    [Fact]
    public async Task TheSlideThatWasChosenLastIsShownThoughAnEarlierAnswerComesLate()
    {
        var server = await data.ServerAsync();
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await Browser.DrawnAsync(page);
        var isAnswered = new TaskCompletionSource();
        var late = $"**/api/slides/{SlideCatalogue.IdOf(SegmentedSlides.New)}";
        await page.RouteAsync(late, async route =>
        {
            await isAnswered.Task;
            await route.ContinueAsync();
        });
        await page.RunAndWaitForRequestAsync(() => page.Locator(".slide-card").Nth(1).ClickAsync(), late);
        await page.RunAndWaitForResponseAsync(
            () => page.Locator(".slide-card").First.ClickAsync(),
            $"**/api/slides/{SlideCatalogue.IdOf(SegmentedSlides.Done)}/nuclei");
        await page.RunAndWaitForResponseAsync(
            () =>
            {
                isAnswered.SetResult();
                return Task.CompletedTask;
            },
            late);
        await Browser.SettledAsync(page);
        await Expect(page.Locator("header h1")).ToHaveTextAsync(SegmentedSlides.Done);
        Assert.Empty(complaints);
    }

    /// <summary>Another result has other measurements, in another order and range, and other classes: what is chosen goes along by name and value.</summary>
    [Fact]
    public async Task ColoursFiltersAndHiddenClassesGoAlongByName()
    {
        var server = await data.ServerAsync();
        var (page, _) = await browser.OpenAsync(server.Address);
        await Browser.DrawnAsync(page);
        var one = JsonNode.Parse((await server.NucleiAsync(SlideCatalogue.IdOf(SegmentedSlides.Done))).GetRawText())!;
        one["classes"] = Classes("Tumour", "Stroma", "Immune");
        var other = one.DeepClone();
        other["classes"] = Classes("Immune", "Debris", "Tumour");
        var first = other["measurements"]![0]!;
        first["high"] = (2 * first["high"]!.GetValue<double>()) - first["low"]!.GetValue<double>();
        other["measurements"]![1]!["name"] = "Something else";
        other["measurements"] = new JsonArray([.. other["measurements"]!.AsArray().Reverse().Select(m => m!.DeepClone())]);
        var last = other["measurements"]!.AsArray().Count - 1;
        foreach (var (slide, nuclei) in new[] { (SegmentedSlides.Done, one), (SegmentedSlides.New, other) })
        {
            await page.RouteAsync(
                $"**/api/slides/{SlideCatalogue.IdOf(slide)}/nuclei",
                route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "application/json", Body = nuclei.ToJsonString() }));
        }

        // A link's own indices stay as they are.
        var link = $"slide={SlideCatalogue.IdOf(SegmentedSlides.Done)}&colour=2&filter=0,64,127&filter=1,10,20&hidden=0,1";
        await page.EvaluateAsync($"() => {{ location.hash = '{link}'; location.reload(); }}");
        await page.WaitForURLAsync(new Regex("at=.*colour=2&filter=0,64,127&filter=1,10,20&hidden=0,1$"));
        await Expect(page.Locator(".filter")).ToHaveCountAsync(2);

        // The first measurement is the last one there, with twice the range; the second is missing, as is a class.
        await page.Locator(".slide-card").Nth(1).ClickAsync();
        await page.WaitForURLAsync(new Regex(FormattableString.Invariant($"at=.*colour={last - 2}&filter={last},32,63&hidden=2$")));
        await Expect(page.Locator(".filter-head span")).ToHaveTextAsync(one["measurements"]![0]!["name"]!.GetValue<string>());

        // Back again: what the other result could not hold is gone.
        await page.Locator(".slide-card").First.ClickAsync();
        await page.WaitForURLAsync(new Regex("at=.*colour=2&filter=0,64,127&hidden=0$"));

        static JsonArray Classes(params string[] names) =>
            new([.. names.Select(n => new JsonObject { ["name"] = n, ["color"] = new JsonArray(200, 0, 0), ["count"] = 3 })]);
    }

    [Fact]
    public async Task ASlideIsSegmentedFromThePage()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var (page, complaints) = await browser.OpenAsync(server.Address, $"/#slide={SlideCatalogue.IdOf(SegmentedSlides.New)}");
        await Expect(page.Locator("aside.right").GetByText("This slide has not been segmented.")).ToBeVisibleAsync();
        await Expect(page.Locator("aside.right").GetByText("not segmented")).ToHaveCountAsync(1);
        await page.Locator("#map").FocusAsync();
        await page.Keyboard.PressAsync("2");
        await Expect(page.Locator(".scale-bar-magnification")).ToHaveTextAsync("20×");
        await page.GetByText("Segment slides").ClickAsync();
        await page.Locator(".choice").GetByLabel(SegmentedSlides.New).CheckAsync();
        await page.GetByText("Estimate", new PageGetByTextOptions { Exact = true }).ClickAsync();
        await Expect(page.Locator("#estimated-time")).ToHaveTextAsync(new Regex(" (s|min)$"), new LocatorAssertionsToHaveTextOptions { Timeout = 60_000 });
        await page.Locator("#start").ClickAsync();
        await Expect(page.Locator(".job.done")).ToHaveCountAsync(1, new LocatorAssertionsToHaveCountOptions { Timeout = 120_000 });
        await Expect(page.Locator("aside.right").GetByText("outlines in view pass"))
            .ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 30_000 });

        // What is told of the slide is that of its result, and the view is where it was.
        await Expect(page.Locator("aside.right").GetByText("not segmented")).ToHaveCountAsync(0);
        await Expect(page.Locator("aside.right dt").GetByText("Finished")).ToBeVisibleAsync();
        await Expect(page.Locator(".scale-bar-magnification")).ToHaveTextAsync("20×");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task WithAccountsOneLogsInFirst()
    {
        var results = data.CopyResults(_folder);
        RunningServer.AddAccount(results, "anna", Role.Look, "a password that is long");
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var (page, _) = await browser.OpenAsync(server.Address);
        await page.GetByLabel("Name").FillAsync("anna");
        await page.GetByLabel("Password").FillAsync("not the password");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("The name or the password is wrong.")).ToBeVisibleAsync();
        await page.GetByLabel("Password").FillAsync("a password that is long");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".slide-card")).ToHaveCountAsync(2);
        await page.GetByText("Segment slides").ClickAsync();
        await Expect(page.GetByText("Your account may look, not start.")).ToBeVisibleAsync();
        await page.GetByText("Log out").ClickAsync();
        await Expect(page.GetByLabel("Password")).ToBeVisibleAsync();
    }

    private static async Task GoAsync(IPage page, double x, double y, double resolution)
    {
        await Browser.DrawnAsync(page);
        var place = FormattableString.Invariant($"slide={SlideCatalogue.IdOf(SegmentedSlides.Done)}&at={x},{y},{resolution}");
        await page.EvaluateAsync($"() => {{ document.querySelector('#map').dataset.drawn = ''; location.hash = '{place}' }}");
        await Browser.DrawnAsync(page);
        await Expect(page.Locator("aside.right").GetByText("outlines in view pass"))
            .ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 20_000 });
    }

    /// <summary>What the page says once it counts so many outlines in view: their tiles come one by one.</summary>
    private static async Task<string> CountedAsync(IPage page, int least, int most)
    {
        var sentence = page.Locator("aside.right").GetByText("outlines in view pass");
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            var text = (await sentence.TextContentAsync())!;
            var count = int.Parse(Count().Match(text).Groups[1].Value.Replace(",", "", StringComparison.Ordinal));
            if (count >= least || clock.Elapsed > TimeSpan.FromSeconds(20))
            {
                Assert.InRange(count, least, most);
                return text;
            }
        }
    }

    /// <summary>Mean red, green and blue of a few pixels in the middle of the map.</summary>
    private async Task<double[]> MiddleAsync(IPage page)
    {
        var box = (await page.Locator("#map").BoundingBoxAsync())!;
        var path = _folder.File("middle.png");
        await page.ScreenshotAsync(
            new PageScreenshotOptions
            {
                Path = path,
                Clip = new Clip
                {
                    X = box.X + (box.Width / 2) - 2,
                    Y = box.Y + (box.Height / 2) - 2,
                    Width = 4,
                    Height = 4,
                },
            });
        var image = HoverFast.Slides.RgbImageFile.Read(path);
        return [.. Enumerable.Range(0, 3).Select(c => Enumerable.Range(0, 16).Average(i => (double)image.Pixels[(3 * i) + c]))];
    }

    [GeneratedRegex(@"^[\d.]+ (µm|mm)$")]
    private static partial Regex ScaleText();

    [GeneratedRegex(@"([\d,]+) outlines")]
    private static partial Regex Count();

    [GeneratedRegex("filter=")]
    private static partial Regex FilterInLink();
}
