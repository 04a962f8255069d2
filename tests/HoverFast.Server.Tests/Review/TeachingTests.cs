using HoverFast.Cli.Commands;
using HoverFast.Review.Models;
using HoverFast.Review.Tests;
using HoverFast.Server.Tests.Page;
using HoverFast.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace HoverFast.Server.Tests.Review;

/// <summary>From reviewed fields to a promoted model, by the page alone.</summary>
public sealed class TeachingTests(Browser browser) : IDisposable
{
    private const int Minutes = 8 * 60_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AModelIsTaughtLookedAtPromotedAndRolledBack()
    {
        Assert.SkipUnless(
            HandedOverCommands.Training.Places(AppContext.BaseDirectory, Environment.CurrentDirectory).Any(File.Exists),
            "needs hoverfast-train, which is built with src/HoverFast.Training");
        var slide = await PaleSlide.MakeAsync(_folder.Path);
        slide.Review(4, seed: 1, TestContext.Current.CancellationToken);
        using var server = await RunningServer.StartAsync(
            slide.Results, slide.Slides, "--threads", "1", "--teach-option=--steps=8", "--teach-option=--rate=1e-2", "--teach-option=--runs=2",
            "--teach-option=--model=hoverfast-he-fast");
        var (page, complaints) = await browser.OpenAsync(server.Address);
        await page.Locator("#models summary").ClickAsync();
        await page.Locator("#teach").ClickAsync();
        await Expect(page.Locator("#teaching")).ToHaveTextAsync("Teaching: running");
        await Expect(page.Locator("#teaching")).ToHaveTextAsync("Teaching: done", new LocatorAssertionsToHaveTextOptions { Timeout = Minutes });
        await Expect(page.Locator("#models")).ToContainTextAsync("waits to be promoted");
        Assert.Null(ModelRegistry.Of(slide.Results).Current);

        // The pictures of what changed show under a policy that lets nothing run.
        var report = await server.Client.GetAsync("/api/models/1/report", TestContext.Current.CancellationToken);
        Assert.Contains("data:image/jpeg", await report.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("sandbox", report.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        await page.Locator("#promote-why").FillAsync("finds pale ones");
        await page.Locator("#promote-1").ClickAsync();
        await Expect(page.Locator("#models")).ToContainTextAsync("promoted by local");
        Assert.Equal(1, ModelRegistry.Of(slide.Results).Current?.Version);
        await page.Locator("#roll-back").ClickAsync();
        await Expect(page.Locator("#models")).ToContainTextAsync("The program’s own model is in use.");
        Assert.Empty(complaints);
    }
}
