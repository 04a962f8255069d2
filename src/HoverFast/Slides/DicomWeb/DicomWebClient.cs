using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace HoverFast.Slides.DicomWeb;

/// <summary>
/// Asks a DICOMweb server, and no other: redirections aren't followed. Answers that fail in passing are asked for again, after ever longer pauses. Thread safe.
/// </summary>
internal sealed class DicomWebClient : IDisposable
{
    /// <summary>Requests under way at once.</summary>
    public const int MostUnderWay = 8;

    private const int Tries = 5;

    /// <summary>Tries at a server that takes the request and then says nothing: each of them takes the whole time.</summary>
    private const int TriesInSilence = 2;

    private static readonly HttpStatusCode[] _good = [HttpStatusCode.OK];
    private static readonly TimeSpan _longestAnswer = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);

    private readonly string _name;
    private readonly TimeSpan _pause;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _places = new(MostUnderWay);
    private readonly TimeSpan _longest;
    private readonly CancellationTokenSource _closed;
    private readonly CancellationToken _end;

    /// <summary>Makes a client; asks nothing yet.</summary>
    /// <param name="name">The slide or server, for messages.</param>
    /// <param name="authorization">The Authorization header, or null.</param>
    /// <param name="pause">The first pause before an answer is asked for again; it doubles each time.</param>
    /// <param name="longest">How long an answer may take; five minutes by default.</param>
    /// <param name="cancellation">Ends all requests, those under way too.</param>
    public DicomWebClient(string name, string? authorization, TimeSpan? pause = null, TimeSpan? longest = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _name = name;
        _longest = longest ?? _longestAnswer;
        _closed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _end = _closed.Token;
        _pause = pause ?? TimeSpan.FromMilliseconds(250);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            MaxConnectionsPerServer = MostUnderWay,
            ConnectTimeout = TimeSpan.FromSeconds(20),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("hoverfast", typeof(DicomWebClient).Assembly.GetName().Version!.ToString(3)));
        if (authorization is not null && !_http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization))
        {
            throw new SlideException(_name, "the Authorization header that was given is none. " + DicomWebCredentials.HowToGive);
        }
    }

    /// <summary>Asks for something.</summary>
    /// <param name="address">Where.</param>
    /// <param name="accept">The kinds of answers to take; a second one is tried where the server refuses the first.</param>
    /// <param name="read">Reads the answer; called anew when it fails halfway. Is given the Content-Type as it was sent.</param>
    /// <exception cref="SlideException">The server doesn't answer, or refuses.</exception>
    /// <exception cref="InvalidDataException">The answer is damaged.</exception>
    public Task<T> GetAsync<T>(string address, IReadOnlyList<string> accept, Func<Stream, string, CancellationToken, Task<T>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return AskAsync(
            address,
            accept,
            _ => new HttpRequestMessage(HttpMethod.Get, address),
            _good,
            async (response, body, token) =>
                await read(body, response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : string.Empty, token),
            CancellationToken.None);
    }

    /// <summary>Sends something.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="content">What; made anew for each try. It calls what it is given when more of it is sent: the time for the answer counts from then.</param>
    /// <param name="accept">The kind of answer to take.</param>
    /// <param name="answers">What the server may answer; all else is an error.</param>
    /// <param name="read">Reads the answer.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SlideException">The server doesn't answer, or refuses.</exception>
    public Task<T> PostAsync<T>(
        string address,
        Func<Action, HttpContent> content,
        string accept,
        IReadOnlyList<HttpStatusCode> answers,
        Func<HttpStatusCode, Stream, CancellationToken, Task<T>> read,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(read);
        return AskAsync(
            address,
            [accept],
            sent => new HttpRequestMessage(HttpMethod.Post, address) { Content = content(sent) },
            answers,
            (response, body, token) => read(response.StatusCode, body, token),
            cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closed.Cancel();
        _closed.Dispose();
        _http.Dispose();
    }

    private async Task<T> AskAsync<T>(
        string address,
        IReadOnlyList<string> accept,
        Func<Action, HttpRequestMessage> make,
        IReadOnlyList<HttpStatusCode> answers,
        Func<HttpResponseMessage, Stream, CancellationToken, Task<T>> read,
        CancellationToken cancellation)
    {
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(_end, cancellation);
        var kind = 0;
        for (var n = 1; ; n++)
        {
            var (problem, wait) = (string.Empty, _pause * Math.Pow(2, n - 1));
            try
            {
                await _places.WaitAsync(stopped.Token);
                try
                {
                    using var time = CancellationTokenSource.CreateLinkedTokenSource(stopped.Token);
                    time.CancelAfter(_longest);
                    using var request = make(() => time.CancelAfter(_longest));
                    request.Headers.TryAddWithoutValidation("Accept", accept[kind]);
                    using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, time.Token);
                    if (answers.Contains(response.StatusCode))
                    {
                        if (response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType is "text/html" or "application/xhtml+xml")
                        {
                            throw new SlideException(
                                _name,
                                $"a web page comes instead of DICOM from {address}; is it there that one logs in? {DicomWebCredentials.HowToGive}");
                        }

                        // Whoever reads without a token is stopped by this.
                        await using var stop = time.Token.Register(static r => ((HttpResponseMessage)r!).Dispose(), response);
                        await using var body = await response.Content.ReadAsStreamAsync(time.Token);
                        return await read(response, body, time.Token);
                    }

                    if (response.StatusCode is HttpStatusCode.NotAcceptable or HttpStatusCode.BadRequest or HttpStatusCode.UnsupportedMediaType
                        && kind + 1 < accept.Count)
                    {
                        (kind, n) = (kind + 1, 0);
                        continue;
                    }

                    problem = Refusal(response) ?? throw new SlideException(_name, Describe(address, response));
                    wait = response.Headers.RetryAfter?.Delta is { } asked && asked > wait ? asked : wait;
                }
                finally
                {
                    _places.Release();
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                stopped.Token.ThrowIfCancellationRequested();
                var isSilent = e is OperationCanceledException or ObjectDisposedException;
                problem = isSilent ? string.Create(CultureInfo.InvariantCulture, $"no whole answer came within {_longest.TotalMinutes:0.##} minutes") : Innermost(e);
                if (n >= (isSilent ? TriesInSilence : Tries))
                {
                    throw new SlideException(
                        _name,
                        $"the server can't be reached ({problem}), tried {n} times at {address}. Run again to go on where this stopped.",
                        e);
                }
            }

            if (n == Tries)
            {
                throw new SlideException(
                    _name,
                    $"the server is out of order ({problem}), tried {Tries} times at {address}. Run again to go on where this stopped.");
            }

            await Task.Delay(wait < _longestPause ? wait : _longestPause, stopped.Token);
        }
    }

    /// <summary>What is wrong for now, where asking again may help; null where it won't.</summary>
    private static string? Refusal(HttpResponseMessage response) =>
        response.StatusCode
            is HttpStatusCode.TooManyRequests
                or HttpStatusCode.RequestTimeout
                or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout
            ? $"{(int)response.StatusCode} {response.ReasonPhrase}"
            : null;

    private static string Describe(string address, HttpResponseMessage response) =>
        response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                $"the server wants to know who asks, or doesn't let them ({(int)response.StatusCode}). {DicomWebCredentials.HowToGive}",
            HttpStatusCode.NotFound or HttpStatusCode.Gone =>
                $"the server doesn't have it ({(int)response.StatusCode} at {address}). Check the address and the UIDs.",
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest =>
                $"the server sends us on to {response.Headers.Location?.ToString() ?? "another address"}; only the address that was given is asked. Give that one if it is right.",
            _ => $"the server answers {(int)response.StatusCode} {response.ReasonPhrase} at {address}.",
        };

    private static string Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e.Message.TrimEnd('.');
}
