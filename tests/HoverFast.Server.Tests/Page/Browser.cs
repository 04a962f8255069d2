using HoverFast.Server.Tests.Page;
using HoverFast.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

[assembly: AssemblyFixture(typeof(Browser))]

namespace HoverFast.Server.Tests.Page;

/// <summary>Debian's Chromium without a screen, driven by Playwright; tests skip where it or the page is missing.</summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly string[] _programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private static readonly string[] _quiet =
    [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ];

    private readonly SemaphoreSlim _starting = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>A page of its own, with what it complains of.</summary>
    internal async Task<(IPage Page, List<string> Complaints)> OpenAsync(Uri address, string path = "/", BrowserNewContextOptions? options = null)
    {
        var browser = await StartAsync();
        var context = await browser.NewContextAsync(
            options
                ?? new BrowserNewContextOptions
                {
                    ViewportSize = new ViewportSize { Width = 1400, Height = 900 },
                });
        // A busy machine may take seconds for what takes a moment on another.
        context.SetDefaultTimeout(60_000);
        var page = await context.NewPageAsync();
        var complaints = new List<string>();
        page.PageError += (_, e) => complaints.Add(e);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                complaints.Add(message.Text);
            }
        };
        await page.GotoAsync(address.OriginalString + path);
        return (page, complaints);
    }

    /// <summary>Waits until slide and nuclei of the view are drawn.</summary>
    internal static async Task DrawnAsync(IPage page)
    {
        await page.WaitForFunctionAsync(
            "() => document.querySelector('#map')?.dataset.drawn === 'all'",
            null,
            new PageWaitForFunctionOptions { Timeout = 60_000 });
    }

    /// <summary>Waits for an answer that is asked for now: whatever came before it has been dealt with by then.</summary>
    internal static Task SettledAsync(IPage page) =>
        page.EvaluateAsync("async () => { await (await fetch('/api/me')).text(); await new Promise(done => requestAnimationFrame(done)); }");

    /// <summary>Asks axe-core (Deque) about the page as it stands.</summary>
    internal static async Task HasNoSeriousFaultAsync(IPage page)
    {
        var axe = Path.Combine(Repository.Root, "src", "HoverFast.Server", "Page", "node_modules", "axe-core", "axe.min.js");
        Assert.SkipUnless(File.Exists(axe), "needs axe-core among the page's packages, which couldn't be fetched");
        await page.EvaluateAsync(await File.ReadAllTextAsync(axe, TestContext.Current.CancellationToken) + "; 0");
        Assert.Empty(await page.EvaluateAsync<string[]>(
            """
            async () => (await axe.run()).violations.filter(v => ['serious', 'critical'].includes(v.impact))
                .map(v => `${v.id}: ${v.nodes.map(n => n.html).join(' ')}`)
            """));
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
        _starting.Dispose();
    }

    private async Task<IBrowser> StartAsync()
    {
        var program = _programs.FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "needs Chromium (Debian: chromium), which isn't installed");
        Assert.SkipUnless(
            File.Exists(Path.Combine(AppContext.BaseDirectory, "page", "index.html")),
            "needs the page, which is built where Node 20 or later is installed and its packages can be fetched");
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            SetDefaultExpectTimeout(20_000);
            return _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = program, Args = _quiet });
        }
        finally
        {
            _starting.Release();
        }
    }
}
