using HoverFast.Server.Slides;
using HoverFast.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace HoverFast.Server.Tests.Page;

/// <summary>The page when the server goes away and comes back, and when a link is somebody else's.</summary>
public sealed class OutageTests(SegmentedSlides data, Browser browser) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>What did not come while the server was away comes when it is back, without a word from the person.</summary>
    [Fact]
    public async Task WhatDidNotComeComesWhenTheServerIsBack()
    {
        var server = await data.ServerAsync();
        var (page, _) = await browser.OpenAsync(server.Address, "/none");
        var isAway = true;
        var came = new HashSet<string>(StringComparer.Ordinal);
        foreach (var what in new[] { "nuclei/density", "tiles" })
        {
            await page.RouteAsync($"**/api/slides/*/{what}**", route => Answer(route, what));
            await page.RouteAsync($"**/api/slides/*/{what}/**", route => Answer(route, what));
        }

        await page.RouteAsync("**/api/slides/*/nuclei", route => isAway && came.Contains("asked") ? route.AbortAsync() : Pass(route));
        await page.GotoAsync(server.Address.OriginalString);
        await Expect(page.Locator(".notice")).ToHaveTextAsync("The server does not answer.");
        Assert.Empty(came.Except(["asked"]));
        isAway = false;
        for (var i = 0; i < 200 && came.Count < 3; i++)
        {
            await page.WaitForTimeoutAsync(50);
        }

        Assert.Equal(["asked", "nuclei/density", "tiles"], came.Order(StringComparer.Ordinal));

        Task Answer(IRoute route, string what)
        {
            if (isAway)
            {
                return route.AbortAsync();
            }

            came.Add(what);
            return route.ContinueAsync();
        }

        Task Pass(IRoute route)
        {
            came.Add("asked");
            return route.ContinueAsync();
        }
    }

    /// <summary>Browsers ask for a stream no more once a proxy has answered for a server that is away.</summary>
    [Fact]
    public async Task JobsAreFollowedAgainWhenTheServerIsBack()
    {
        var server = await data.ServerAsync();
        var (page, _) = await browser.OpenAsync(server.Address);
        var asked = 0;
        await page.RouteAsync("**/api/jobs/events", route => ++asked == 1
            ? route.FulfillAsync(new RouteFulfillOptions { Status = 502, Body = "Bad gateway" })
            : route.ContinueAsync());
        var again = page.WaitForResponseAsync(r => r.Url.EndsWith("/api/jobs/events", StringComparison.Ordinal) && r.Status == 200);
        await page.GetByText("Segment slides").ClickAsync();
        await again;
    }

    /// <summary>A link names a slide, and leads to no other address: some write down who asked for them.</summary>
    [Fact]
    public async Task ALinkLeadsToNoOtherAddress()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        var id = SlideCatalogue.IdOf(SegmentedSlides.Done);
        var (page, complaints) = await browser.OpenAsync(server.Address, $"/#slide=..%2Freview%2Fslides%2F{id}%2Fcorrected");
        await Expect(page.Locator("header h1")).ToHaveTextAsync(SegmentedSlides.Done);
        await Browser.DrawnAsync(page);
        Assert.Empty(complaints);
        Assert.Equal(0, (await server.GetAsync("/api/log")).GetArrayLength());
    }
}
