using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using HoverFast.Files;

namespace HoverFast.Slides.DicomWeb;

/// <summary>
/// Sends DICOM files to a DICOMweb server (STOW-RS, PS3.18 section 10.5). What the server has already it takes again or knows to be the same.
/// </summary>
internal sealed class DicomWebStore : IDisposable
{
    private const int LongestAnswer = 1 << 20;
    private static readonly HttpStatusCode[] _answers = [HttpStatusCode.OK, HttpStatusCode.Accepted, HttpStatusCode.Conflict];

    private readonly string _studies;
    private readonly DicomWebClient _client;

    /// <summary>Prepares to send; asks nothing yet.</summary>
    /// <param name="root">The services' root, for example http://host/dicom-web.</param>
    /// <param name="authorization">The Authorization header, or null.</param>
    /// <param name="pause">The first pause before a file is sent again; it doubles each time.</param>
    /// <param name="longest">How long the server may take after what it took last.</param>
    /// <exception cref="SlideException">The root is no address.</exception>
    public DicomWebStore(string root, string? authorization, TimeSpan? pause = null, TimeSpan? longest = null)
    {
        Root = DicomWebAddress.RootOf(root);
        _studies = Root + "/studies";
        _client = new DicomWebClient(Root, authorization, pause, longest);
    }

    /// <summary>The services' root, without a slash at its end.</summary>
    public string Root { get; }

    /// <summary>Makes a store for the user whom the environment names (<see cref="DicomWebCredentials"/>).</summary>
    /// <inheritdoc cref="DicomWebStore(string, string?, TimeSpan?, TimeSpan?)"/>
    public static DicomWebStore Open(string root) =>
        new(root, DicomWebCredentials.For(new Uri(DicomWebAddress.RootOf(root)).Host, Environment.GetEnvironmentVariable));

    /// <summary>Sends a file.</summary>
    /// <exception cref="SlideException">The server can't be reached, or doesn't take it.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public async Task SendAsync(string path, CancellationToken cancellation)
    {
        // What the file can't give isn't the server's fault, and not worth another try.
        RegularFile.OpenRead(path).Dispose();
        var problem = await _client.PostAsync(_studies, sent => ContentOf(path, sent), "application/dicom+json", _answers, ProblemOf, cancellation);
        if (problem is not null)
        {
            throw new SlideException(path, $"is not stored: the server at {Root} refuses it ({problem}).");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static MultipartContent ContentOf(string path, Action sent)
    {
        var boundary = "hoverfast-" + Guid.NewGuid().ToString("N");
        var body = new MultipartContent("related", boundary);
        var part = new StreamContent(new ToldStream(RegularFile.OpenRead(path), sent));
        part.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        body.Add(part);

        // Not all servers take the boundary in quotes, as .NET writes it.
        body.Headers.Remove("Content-Type");
        body.Headers.TryAddWithoutValidation("Content-Type", $"multipart/related; type=\"application/dicom\"; boundary={boundary}");
        return body;
    }

    /// <summary>What the server's answer says of the file: null where it is stored.</summary>
    private static async Task<string?> ProblemOf(HttpStatusCode status, Stream body, CancellationToken cancellation)
    {
        const string Failed = "00081198";
        const string Reason = "00081197";
        var bytes = new byte[LongestAnswer];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        try
        {
            using var json = JsonDocument.Parse(bytes.AsMemory(0, length));
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty(Failed, out var failed) && failed.TryGetProperty("Value", out var items) && items.GetArrayLength() > 0)
            {
                return items[0].TryGetProperty(Reason, out var reason) && reason.TryGetProperty("Value", out var codes) && codes.GetArrayLength() > 0
                    ? Meaning(codes[0].GetInt32())
                    : "no reason given";
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // Some servers answer in other words; then the status alone tells.
        }

        return status == HttpStatusCode.Conflict ? "409 Conflict" : null;
    }

    /// <summary>The failures of PS3.18 table I.2-2, in words.</summary>
    private static string Meaning(int code) => code switch
    {
        >= 0xA700 and <= 0xA7FF => $"0x{code:X4}, out of space",
        >= 0xA900 and <= 0xA9FF => $"0x{code:X4}, the data set doesn't match its kind",
        >= 0xC000 and <= 0xCFFF => $"0x{code:X4}, it can't be understood",
        0x0122 => "0x0122, its kind of object isn't supported",
        0x0110 => "0x0110, processing failure",
        0x0124 => "0x0124, not allowed",
        _ => $"0x{code:X4}",
    };
}
