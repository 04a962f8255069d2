using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using HoverFast.Slides.Dicom;

namespace HoverFast.Tests.Slides;

/// <summary>A DICOMweb server of one study on the loopback address, which can misbehave.</summary>
internal sealed class TestDicomWebServer : IDisposable
{
    public const string Study = "1.2";
    public const string Series = "1.2.3";

    private readonly HttpListener _listener = new();
    private readonly List<TestDicomInstance> _instances;
    private readonly Task _serving;
    private int _underWay;

    public TestDicomWebServer(params TestDicomInstance[] instances)
    {
        _instances = [.. instances];
        Root = $"http://127.0.0.1:{FreePort.Find()}/dicom-web";
        _listener.Prefixes.Add(Root + "/");
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>The services' root.</summary>
    public string Root { get; }

    /// <summary>The series' address.</summary>
    public string Address => $"{Root}/studies/{Study}/series/{Series}";

    /// <summary>What was asked for, with the Authorization header.</summary>
    public ConcurrentQueue<(string Path, string? Authorization)> Asked { get; } = [];

    /// <summary>Requests under way at once, the most so far.</summary>
    public int MostUnderWay { get; private set; }

    /// <summary>Milliseconds that each frame takes.</summary>
    public int Delay { get; set; }

    /// <summary>Answers instead of the server: null leaves it to it.</summary>
    public Func<HttpListenerRequest, HttpListenerResponse, bool>? Instead { get; set; }

    /// <summary>Whether the metadata name the transfer syntax.</summary>
    public bool SaysSyntax { get; set; } = true;

    /// <summary>Whether frames come as parts of a multipart body.</summary>
    public bool Multipart { get; set; } = true;

    /// <summary>A data set as DICOM JSON.</summary>
    public static string Json(DicomDataSet set) => "{" + string.Join(',', set.Select(e => $"\"{e.Tag.Number:X8}\":{{{Value(set, e)}\"vr\":\"{e.Vr}\"}}")) + "}";

    public void Dispose()
    {
        if (!_listener.IsListening)
        {
            return;
        }

        _listener.Stop();
        try
        {
            _serving.Wait(TimeSpan.FromSeconds(5));
        }
        catch (AggregateException)
        {
            // Requests were under way.
        }

        _listener.Close();
    }

    private static string Value(DicomDataSet set, DicomElement element)
    {
        if (element.Items is { } items)
        {
            return $"\"Value\":[{string.Join(',', items.Select(Json))}],";
        }

        if (element.Bytes.Length == 0 || element.Vr is DicomVr.OB or DicomVr.OW)
        {
            return element.Bytes.Length == 0 ? string.Empty : $"\"InlineBinary\":\"{Convert.ToBase64String(element.Bytes.Span)}\",";
        }

        var values = element.Vr.IsText() && element.Vr is not (DicomVr.DS or DicomVr.IS)
            ? set.Texts(element.Tag).Select(t => $"\"{t}\"")
            : set.Numbers(element.Tag).Select(n => n.ToString("R", CultureInfo.InvariantCulture));
        return $"\"Value\":[{string.Join(',', values)}],";
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        Asked.Enqueue((request.Url!.AbsolutePath, request.Headers["Authorization"]));
        lock (Asked)
        {
            MostUnderWay = Math.Max(MostUnderWay, ++_underWay);
        }

        try
        {
            if (Instead?.Invoke(request, response) == true)
            {
                response.Close();
                return;
            }

            var path = request.Url.AbsolutePath[(new Uri(Root).AbsolutePath.Length + 1)..];
            var body = path == $"studies/{Study}/series/{Series}/metadata" ? Metadata(response)
                : path == $"studies/{Study}/series" ? SeriesList(response)
                : await FrameAsync(path, response);
            if (body is null)
            {
                response.StatusCode = 404;
                response.Close();
                return;
            }

            response.Close(body, willBlock: true);
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The client went away.
        }
        finally
        {
            lock (Asked)
            {
                _underWay--;
            }
        }
    }

    private byte[] Metadata(HttpListenerResponse response)
    {
        response.ContentType = "application/dicom+json";
        foreach (var instance in _instances)
        {
            instance.Elements.Set(DicomTag.NumberOfFrames, instance.Frames.Count);
            if (SaysSyntax)
            {
                instance.Elements.Set(DicomTag.AvailableTransferSyntax, instance.Syntax);
            }
        }

        return Encoding.UTF8.GetBytes($"[{string.Join(',', _instances.Select(i => Json(i.Elements)))}]");
    }

    private static byte[] SeriesList(HttpListenerResponse response)
    {
        response.ContentType = "application/dicom+json";
        return Encoding.UTF8.GetBytes($$$"""
            [{"00080060":{"vr":"CS","Value":["ANN"]},"0020000E":{"vr":"UI","Value":["1.9"]}},{"00080060":{"vr":"CS","Value":["SM"]},"0020000E":{"vr":"UI","Value":["{{{Series}}}"]}}]
            """);
    }

    private async Task<byte[]?> FrameAsync(string path, HttpListenerResponse response)
    {
        var parts = path.Split('/');
        if (parts is not ["studies", Study, "series", Series, "instances", var uid, "frames", var number]
            || _instances.Find(i => i.Elements.Text(DicomTag.SopInstance) == uid) is not { } instance
            || !int.TryParse(number, CultureInfo.InvariantCulture, out var frame) || frame < 1 || frame > instance.Frames.Count)
        {
            return null;
        }

        await Task.Delay(Delay);
        var type = $"application/octet-stream; transfer-syntax={instance.Syntax}";
        if (!Multipart)
        {
            response.ContentType = type;
            return instance.Frames[frame - 1];
        }

        response.ContentType = $"multipart/related; type=\"{type}\"; boundary=parts-1";
        return
        [
            .. Encoding.ASCII.GetBytes($"\r\n--parts-1\r\nContent-Type: {type}\r\nMIME-Version: 1.0\r\n\r\n"),
            .. instance.Frames[frame - 1],
            .. "\r\n--parts-1--\r\n"u8,
        ];
    }
}
