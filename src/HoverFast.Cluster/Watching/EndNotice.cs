using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using HoverFast.Cluster.Batches;

namespace HoverFast.Cluster.Watching;

/// <summary>
/// Tells of a slide's end: to a program, which gets it in environment variables (HOVERFAST_STATE: done or failed; HOVERFAST_SLIDE, HOVERFAST_NAME,
/// HOVERFAST_MANIFEST, HOVERFAST_NUCLEI, HOVERFAST_ERROR), and to an address, to which it is posted as JSON. No shell is involved.
/// </summary>
internal sealed class EndNotice : IDisposable
{
    private static readonly TimeSpan _mostTime = TimeSpan.FromSeconds(60);

    private readonly string? _program;
    private readonly Uri? _address;
    private readonly HttpClient? _client;

    /// <param name="program">The program; null where none is to be told.</param>
    /// <param name="address">The address; null where none is to be told.</param>
    public EndNotice(string? program, Uri? address)
    {
        (_program, _address) = (program, address);
        _client = address is null ? null : new HttpClient { Timeout = _mostTime };
    }

    /// <summary>Tells of an end.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="manifest">The manifest of its result.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="IOException">Somebody could not be told.</exception>
    public async Task TellAsync(WatchedSlide slide, string manifest, CancellationToken cancellation)
    {
        if (_address is not null)
        {
            await PostAsync(slide, cancellation);
        }

        if (_program is not null)
        {
            await RunAsync(slide, manifest, cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();

    private async Task PostAsync(WatchedSlide slide, CancellationToken cancellation)
    {
        var json = new SlideEvent
        {
            At = slide.At,
            Event = slide.Error is null ? SlideEventKind.Done : SlideEventKind.Failed,
            Slide = slide.Name,
            Input = slide.Path,
            Host = Environment.MachineName,
            Process = Environment.ProcessId,
            Nuclei = slide.Nuclei,
            Error = slide.Error,
        }.ToJson();
        try
        {
            using var content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json", "utf-8"));
            using var answer = await _client!.PostAsync(_address, content, cancellation);
            if (!answer.IsSuccessStatusCode)
            {
                throw new IOException($"{_address} answered {(int)answer.StatusCode} when it was told of {slide.Name}.");
            }
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new IOException($"{_address} could not be told of {slide.Name}: {e.Message}", e);
        }
    }

    private async Task RunAsync(WatchedSlide slide, string manifest, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(_program!) { UseShellExecute = false };
        start.Environment["HOVERFAST_STATE"] = slide.Error is null ? "done" : "failed";
        start.Environment["HOVERFAST_SLIDE"] = slide.Path;
        start.Environment["HOVERFAST_NAME"] = slide.Name;
        start.Environment["HOVERFAST_MANIFEST"] = manifest;
        start.Environment["HOVERFAST_NUCLEI"] = slide.Nuclei?.ToString(CultureInfo.InvariantCulture) ?? "";
        start.Environment["HOVERFAST_ERROR"] = slide.Error ?? "";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_mostTime);
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException e)
            {
                process.Kill(entireProcessTree: true);
                cancellation.ThrowIfCancellationRequested();
                throw new IOException($"{_program} took longer than {_mostTime.TotalSeconds:0} s when it was told of {slide.Name}, and was ended.", e);
            }

            if (process.ExitCode != 0)
            {
                throw new IOException($"{_program} ended with exit code {process.ExitCode} when it was told of {slide.Name}.");
            }
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{_program} can't be run: {e.Message}", e);
        }
    }
}
