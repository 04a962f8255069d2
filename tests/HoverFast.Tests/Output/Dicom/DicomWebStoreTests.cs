using System.Net;
using System.Numerics;
using System.Text;
using HoverFast.Jobs;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Output.Dicom;
using HoverFast.Slides;
using HoverFast.Slides.Dicom;
using HoverFast.Slides.DicomWeb;
using HoverFast.Tests.Slides;
using Xunit;

namespace HoverFast.Tests.Output.Dicom;

/// <summary>Annotations are sent to a DICOMweb server: one of our own that can misbehave, and Orthanc.</summary>
public sealed class DicomWebStoreTests : IDisposable
{
    private static readonly TimeSpan _noPause = TimeSpan.FromMilliseconds(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TheFileIsSentAsOnePartWithAuthorization()
    {
        var path = Annotations(30);
        byte[] body = [];
        string? type = null;
        using var server = new TestDicomWebServer
        {
            Instead = (request, response) =>
            {
                type = request.ContentType;
                using var all = new MemoryStream();
                request.InputStream.CopyTo(all);
                body = all.ToArray();
                return Answer(response, HttpStatusCode.OK, """{"00081199":{"vr":"SQ","Value":[{}]}}""");
            },
        };
        using var store = new DicomWebStore(server.Root + "/", "Bearer abc", _noPause);
        await store.SendAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal([($"{new Uri(server.Root).AbsolutePath}/studies", "Bearer abc")], server.Asked);
        var boundary = type!["multipart/related; type=\"application/dicom\"; boundary=".Length..];
        var head = Encoding.ASCII.GetBytes($"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n");
        var tail = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        Assert.Equal([.. head, .. File.ReadAllBytes(path), .. tail], body);
    }

    [Fact]
    public async Task ABusyServerIsAskedAgainWithTheWholeFile()
    {
        var path = Annotations(30);
        var lengths = new List<long>();
        using var server = new TestDicomWebServer();
        server.Instead = (request, response) =>
        {
            request.InputStream.CopyTo(Stream.Null);
            lengths.Add(request.ContentLength64);
            return Answer(response, lengths.Count < 3 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK, "{}");
        };
        using var store = new DicomWebStore(server.Root, null, _noPause);
        await store.SendAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(3, lengths.Count);
        Assert.All(lengths, l => Assert.Equal(lengths[0], l));
    }

    [Theory]
    [InlineData(HttpStatusCode.Conflict, """{"00081198":{"vr":"SQ","Value":[{"00081197":{"vr":"US","Value":[290]}}]}}""", "isn't supported")]
    [InlineData(HttpStatusCode.Accepted, """{"00081198":{"vr":"SQ","Value":[{"00081197":{"vr":"US","Value":[42752]}}]}}""", "out of space")]
    [InlineData(HttpStatusCode.Conflict, "<html>", "409")]
    [InlineData(HttpStatusCode.Unauthorized, "", "HOVERFAST_DICOMWEB_AUTHORIZATION")]
    [InlineData(HttpStatusCode.NotFound, "", "404")]
    [InlineData(HttpStatusCode.UnsupportedMediaType, "", "415")]
    public async Task ARefusalIsOneLineThatSaysWhy(HttpStatusCode status, string body, string expected)
    {
        using var server = new TestDicomWebServer
        {
            Instead = (request, response) =>
            {
                request.InputStream.CopyTo(Stream.Null);
                return Answer(response, status, body);
            },
        };
        using var store = new DicomWebStore(server.Root, null, _noPause);
        var refused = await Assert.ThrowsAsync<SlideException>(() => store.SendAsync(Annotations(3), TestContext.Current.CancellationToken));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    /// <summary>A page to log in on, or a server that knows no such service, takes nothing.</summary>
    [Fact]
    public async Task AWebPageForAnAnswerStoresNothing()
    {
        using var server = new TestDicomWebServer
        {
            Instead = (request, response) =>
            {
                request.InputStream.CopyTo(Stream.Null);
                response.ContentType = "text/html";
                response.OutputStream.Write("<html>Log in</html>"u8);
                return true;
            },
        };
        using var store = new DicomWebStore(server.Root, null, _noPause);
        var refused = await Assert.ThrowsAsync<SlideException>(() => store.SendAsync(Annotations(3), TestContext.Current.CancellationToken));
        Assert.Contains("a web page", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A server that takes a file and never says a word held a slide up for five hours.</summary>
    [Fact]
    public async Task ASilentServerIsAskedOnceMore()
    {
        using var server = new SilentServer();
        using var store = new DicomWebStore(server.Root, null, _noPause, TimeSpan.FromMilliseconds(200));
        var refused = await Assert.ThrowsAsync<SlideException>(() => store.SendAsync(Annotations(3), TestContext.Current.CancellationToken));
        Assert.Contains("tried 2 times", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>However long a file takes: the time that the server may take counts from what it took last.</summary>
    [Fact]
    public async Task ASlowWayIsNoSilence()
    {
        var longest = TimeSpan.FromMilliseconds(1500);
        using var server = new TestDicomWebServer();
        server.Instead = (request, response) =>
        {
            var buffer = new byte[1 << 20];
            while (request.InputStream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) == buffer.Length)
            {
                Thread.Sleep(60);
            }

            return Answer(response, HttpStatusCode.OK, "{}");
        };
        var path = _folder.File("large.dcm");
        using (var file = File.Create(path))
        {
            file.SetLength(40 << 20);
        }

        using var store = new DicomWebStore(server.Root, null, _noPause, longest);
        await store.SendAsync(path, TestContext.Current.CancellationToken);
        Assert.Single(server.Asked);
    }

    [Theory]
    [InlineData("/dicom-web")]
    [InlineData("ftp://host/dicom-web")]
    [InlineData("http://name:word@host/dicom-web")]
    [InlineData("http://host/dicom-web?x=1")]
    [InlineData("http://host/dicom-web/studies/1.2.3")]
    public void WhatIsNoRootIsRefused(string root) => Assert.Throws<SlideException>(() => new DicomWebStore(root, null));

    [Fact]
    public async Task AResultIsSentWhenItIsDoneAndAgainWhenItIsKept()
    {
        var taken = true;
        var lengths = new List<long>();
        using var server = new TestDicomWebServer
        {
            Instead = (request, response) =>
            {
                request.InputStream.CopyTo(Stream.Null);
                lengths.Add(request.ContentLength64);
                return Answer(response, taken ? HttpStatusCode.OK : HttpStatusCode.Conflict, "{}");
            },
        };
        var picture = TestPicture.Make(90, 80);
        RgbImageFile.WritePng(_folder.File("a.png"), picture);
        using var segmenter = new SlideSegmenter(calibrator: new SlideCalibrator { Stated = new Mpp(0.5) });
        var options = new ResultOptions { Kinds = [ResultKind.DicomAnnotations, ResultKind.Csv], StoreAt = server.Root + "/" };
        SlideInput[] inputs = [SlideInputs.Of(_folder.File("a.png"))];
        Assert.Equal([SlideState.Done], await RunAsync());
        taken = false;
        Assert.Equal([SlideState.Failed], await RunAsync());
        taken = true;
        Assert.Equal([SlideState.Kept], await RunAsync());
        Assert.Equal(3, lengths.Count);
        Assert.All(lengths, l => Assert.Equal(lengths[0], l));
        Assert.Throws<SlideException>(() => new ResultOptions { StoreAt = "host/dicom-web" });

        async Task<List<SlideState>> RunAsync() =>
            await segmenter
                .SegmentAllAsync(inputs, _folder.File("out"), options, cancellation: TestContext.Current.CancellationToken)
                .Select(o => o.State)
                .ToListAsync();
    }

    [Fact]
    public async Task OrthancStoresTheAnnotationsAndGivesThemBack()
    {
        using var orthanc = await OrthancServer.StartAsync(TestContext.Current.CancellationToken);
        var path = Annotations(2000);
        using var store = new DicomWebStore(orthanc.DicomWeb, null);

        // Twice: a batch that is run again sends again.
        await store.SendAsync(path, TestContext.Current.CancellationToken);
        await store.SendAsync(path, TestContext.Current.CancellationToken);
        var sent = Read(path);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            $"{orthanc.DicomWeb}/studies/{sent.Text(DicomTag.StudyInstance)}/series/{sent.Text(DicomTag.SeriesInstance)}/instances/{sent.Text(DicomTag.SopInstance)}");
        request.Headers.TryAddWithoutValidation("Accept", "multipart/related; type=\"application/dicom\"; transfer-syntax=*");
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var start = body.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        var back = Read(_folder.Write("back.dcm", body[start..body.AsSpan().LastIndexOf("\r\n--"u8)]));
        var (first, second) = (sent.FirstItem(DicomTag.AnnotationGroups)!, back.FirstItem(DicomTag.AnnotationGroups)!);
        Assert.Equal(2000, second.Integer(DicomTag.NumberOfAnnotations));
        foreach (var tag in new[] { DicomTag.PointCoordinates, DicomTag.PointIndices })
        {
            Assert.Equal(ValueOf(path, first[tag]!), ValueOf(_folder.File("back.dcm"), second[tag]!));
        }
    }

    private static bool Answer(HttpListenerResponse response, HttpStatusCode status, string body)
    {
        response.StatusCode = (int)status;
        response.ContentType = "application/dicom+json";
        response.OutputStream.Write(Encoding.UTF8.GetBytes(body));
        return true;
    }

    private static DicomDataSet Read(string path)
    {
        using var file = File.OpenHandle(path);
        return new DicomReader(file).ReadFile();
    }

    /// <summary>An element's bytes, which may have stayed in the file.</summary>
    private static byte[] ValueOf(string path, DicomElement element)
    {
        if (element.Offset is not { } offset)
        {
            return element.Bytes.ToArray();
        }

        using var file = File.OpenHandle(path);
        var bytes = new byte[element.Length];
        new DicomReader(file).Read(offset, bytes);
        return bytes;
    }

    private string Annotations(int nuclei)
    {
        var path = _folder.File("a.ann.dcm");
        using var writer = new NucleusWriter([new DicomAnnotationsOutput(path, TestAnnotations.Slide(), [])], "run"u8);
        var random = new Random(nuclei);
        for (var i = 0; i < nuclei; i++)
        {
            Vector2[] ring = [.. RandomOutlines.Star(random, 12, 900).Select(p => new Vector2((p.X / 100f) + (20 * i), p.Y / 100f))];
            writer.Add(new Nucleus(ring) { Centroid = ring[0], Area = 1, MeanProbability = 1, BoundaryConfidence = 1 }, []);
        }

        writer.Complete();
        return path;
    }
}
