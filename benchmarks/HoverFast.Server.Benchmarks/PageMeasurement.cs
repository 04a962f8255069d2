using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;

namespace HoverFast.Server.Benchmarks;

/// <summary>The page in Chromium without a screen and without a GPU.</summary>
internal static class PageMeasurement
{
    /// <summary>Notes when a line of an outline first stands in the middle of the view.</summary>
    private const string WatchForOutlines = """
        const look = () => {
          const canvas = document.querySelector('.outline-layer canvas, canvas.outline-layer');
          if (canvas && canvas.width > 100) {
            const { data } = canvas.getContext('2d').getImageData(canvas.width / 2 - 32, canvas.height / 2 - 32, 64, 64);
            if (data.some((v, i) => i % 4 === 3 && v > 0)) { window.firstOutlines = performance.now(); return; }
          }
          requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
        """;

    private const string Drawn = "() => document.querySelector('#map')?.dataset.drawn === 'all'";

    /// <summary>Measures opening and panning.</summary>
    public static async Task RunAsync(Uri address, string id, int width, int height, double mpp, Action<string, string> tell)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = "/usr/bin/chromium",
                Args =
                [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                ],
            });
        var near = 1.05 / mpp;
        var at = string.Create(CultureInfo.InvariantCulture, $"at={width / 2},{height / 2},{near}");
        var page = await chromium.NewPageAsync(
            new BrowserNewPageOptions
            {
                ViewportSize = new ViewportSize { Width = 2100, Height = 1100 },
            });
        await page.AddInitScriptAsync(WatchForOutlines);
        var start = Stopwatch.GetTimestamp();
        var picture = 0.0;
        page.RequestFinished += (_, request) =>
            picture =
                picture == 0 && request.Url.Contains("/tiles/", StringComparison.Ordinal) && !request.Url.Contains("/nuclei/", StringComparison.Ordinal)
                    ? Stopwatch.GetElapsedTime(start).TotalSeconds
                    : picture;
        await page.GotoAsync($"{address.OriginalString}/#slide={id}&{at}");
        await page.WaitForFunctionAsync(Drawn);
        tell("first picture after opening, s", $"{picture:0.00}");
        tell("first outlines after opening, s", $"{await page.EvaluateAsync<double>("() => window.firstOutlines") / 1000:0.00}");
        tell("all outlines of the view drawn after opening, s", $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.00}");
        await page.WaitForTimeoutAsync(2000);
        tell("outlines in view", await page.Locator("aside.right").GetByText("outlines in view pass").TextContentAsync() ?? "");

        // Frames while the view is dragged back and forth, new tiles and all.
        var box = (await page.Locator("#map").BoundingBoxAsync())!;
        await page.EvaluateAsync(
            "() => { window.frames_ = []; const tick = t => { window.frames_.push(t); requestAnimationFrame(tick); }; requestAnimationFrame(tick); }");
        var (x, y) = (box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await page.Mouse.MoveAsync(x, y);
        await page.Mouse.DownAsync();
        var random = new Random(1);
        for (var leg = 0; leg < 10; leg++)
        {
            await page.Mouse.MoveAsync(x + random.Next(-300, 300), y + random.Next(-300, 300), new MouseMoveOptions { Steps = 40 });
        }

        var times = await page.EvaluateAsync<double[]>("() => window.frames_");
        await page.Mouse.UpAsync();
        var gaps = times.Zip(times.Skip(1), (a, b) => b - a).Order().ToList();
        tell("frames a second while dragging", $"{1000 / gaps.Average():0.0}");
        tell("95 % of frames come within, ms", $"{gaps[(int)(gaps.Count * 0.95)]:0}");
    }
}
