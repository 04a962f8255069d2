using HoverFast.Cli;
using HoverFast.Slides;
using HoverFast.Slides.Dicom;
using HoverFast.Slides.DicomWeb;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>Slides on a DICOMweb server are read as their files are, whatever the server does.</summary>
public sealed class DicomWebTests : IDisposable
{
    private static readonly TimeSpan _noPause = TimeSpan.FromMilliseconds(1);
    private readonly TemporaryFolder _folder = new();
    private readonly RgbImage _picture = TestPicture.Make(150, 101);

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(false, true, false)]
    [InlineData(true, false, true)]
    public void ASeriesIsReadAsItsFilesAre(bool saysSyntax, bool multipart, bool sparse)
    {
        var instance = Jpeg();
        if (sparse)
        {
            instance.Place(Enumerable.Range(0, 6).Select(f => (f % 3 * 64, f / 3 * 64, 0.0, "1")));
        }

        using var file = Slide.Open(_folder.Write("a.dcm", instance.ToBytes()));
        using var server = new TestDicomWebServer(
            instance.Part(2, 4, 2),
            TestDicomInstance.Of(TestPicture.Make(75, 50), instance: "1.2.3.7"),
            instance.Part(1, 0, 4),
            Label())
        {
            SaysSyntax = saysSyntax,
            Multipart = multipart,
        };
        using var slide = Slide.Open(server.Address);
        Assert.Equal("DICOMweb", slide.Format);
        Assert.Equal(server.Address, slide.Path);
        Assert.Equal([new(150, 101), new PixelSize(75, 50)], slide.Levels.Select(l => l.Size));
        Assert.Equal(0.25, slide.Calibration!.Mpp.MicronsPerPixel, 9);
        TestPicture.AssertSame(TestPicture.ReadLevel(file), TestPicture.ReadLevel(slide));
        TestPicture.AssertSame(TestPicture.Make(75, 50), TestPicture.ReadLevel(slide, 1));
        Assert.All(server.Asked.CountBy(a => a.Path), p => Assert.Equal(1, p.Value));
    }

    [Fact]
    public void FramesAreFetchedAsTheyAreNeededSeveralAtOnce()
    {
        using var server = new TestDicomWebServer(TestDicomInstance.Of(TestPicture.Make(640, 640)));
        server.Delay = 50;
        using var slide = Slide.Open(server.Address);
        Assert.Single(server.Asked);
        var region = TestPicture.Read(slide, new PixelRect(0, 100, 640, 90));
        TestPicture.AssertSame(TestPicture.Crop(TestPicture.Make(640, 640), new PixelRect(0, 100, 640, 90)), region);
        Assert.Equal(1 + 20, server.Asked.Count);
        Assert.InRange(server.MostUnderWay, 2, DicomWebClient.MostUnderWay);
    }

    [Fact]
    public void AStudyOfOneSlideNeedsNoSeries()
    {
        using var server = new TestDicomWebServer(Jpeg());
        using var slide = Slide.Open($"{server.Root}/studies/{TestDicomWebServer.Study}");
        TestPicture.AssertClose(_picture, TestPicture.ReadLevel(slide), 6);
    }

    [Fact]
    public void PassingFailuresAreTriedAgain()
    {
        using var server = new TestDicomWebServer(Jpeg());
        var failures = new HashSet<string>();
        server.Instead = (request, response) =>
        {
            lock (failures)
            {
                if (!failures.Add(request.Url!.AbsolutePath))
                {
                    return false;
                }
            }

            // Once each: an overloaded server, or a connection that breaks off.
            response.StatusCode = 503;
            if (failures.Count % 2 == 0)
            {
                response.Abort();
            }

            return true;
        };
        using var slide = DicomWebSlide.Open(new DicomWebAddress(server.Address), null, _noPause);
        TestPicture.AssertClose(_picture, TestPicture.ReadLevel(slide), 6);
        Assert.Equal(14, server.Asked.Count);
    }

    [Fact]
    public void AServerThatStaysAwayIsNoDamagedTile()
    {
        using var server = new TestDicomWebServer(Jpeg());
        using var slide = DicomWebSlide.Open(new DicomWebAddress(server.Address), null, _noPause);
        server.Instead = (_, response) =>
        {
            response.StatusCode = 503;
            return true;
        };
        var error = Assert.Throws<SlideException>(() => TestPicture.ReadLevel(slide));
        Assert.Null(error.Region);
        Assert.Contains("503", error.Message);
        Assert.Contains("Run again", error.Message);
    }

    /// <summary>Without a length, as behind some proxies, nothing but the missing end of the parts tells that a connection broke.</summary>
    [Fact]
    public void AnswersThatAreCutShortAreAskedForAgain()
    {
        using var server = new TestDicomWebServer(Jpeg());
        var whole = new HashSet<string>();
        var isBroken = false;
        server.Instead = (request, response) =>
        {
            var path = request.Url!.AbsolutePath;
            if (!path.Contains("/frames/", StringComparison.Ordinal) || (!whole.Add(path) && !isBroken))
            {
                return false;
            }

            response.ContentType = "multipart/related; type=\"application/octet-stream\"; boundary=parts-1";
            response.OutputStream.Write("\r\n--parts-1\r\nContent-Type: application/octet-stream\r\n\r\n\u00ff"u8);
            return true;
        };
        using (var slide = DicomWebSlide.Open(new DicomWebAddress(server.Address), null, _noPause))
        {
            TestPicture.AssertClose(_picture, TestPicture.ReadLevel(slide), 6);
        }

        isBroken = true;
        using var away = DicomWebSlide.Open(new DicomWebAddress(server.Address), null, _noPause);
        var error = Assert.Throws<SlideException>(() => TestPicture.ReadLevel(away));
        Assert.Null(error.Region);
        Assert.Contains("cut short", error.Message);
    }

    [Fact]
    public void MetadataThatAreCutShortAreAskedForAgain()
    {
        var instance = Jpeg();
        var whole = System.Text.Encoding.UTF8.GetBytes($"[{TestDicomWebServer.Json(instance.Elements)}]");
        using var server = new TestDicomWebServer(instance);
        var lengths = new Queue<int>([0, 1, whole.Length / 2, whole.Length - 1]);
        server.Instead = (request, response) =>
        {
            if (!request.Url!.AbsolutePath.EndsWith("/metadata", StringComparison.Ordinal) || !lengths.TryDequeue(out var length))
            {
                return false;
            }

            response.ContentType = "application/dicom+json";
            response.OutputStream.Write(whole.AsSpan(0, length));
            return true;
        };
        using (var slide = DicomWebSlide.Open(new DicomWebAddress(server.Address), null, _noPause))
        {
            TestPicture.AssertClose(_picture, TestPicture.ReadLevel(slide), 6);
        }

        lengths = new Queue<int>(Enumerable.Repeat(whole.Length / 2, 5));
        var error = Assert.Throws<SlideException>(() => DicomWebSlide.Open(new DicomWebAddress(server.Address), null, _noPause));
        Assert.Contains("cut short), tried 5 times", error.Message);
        Assert.Empty(lengths);
    }

    /// <summary>A page to log in on is no damage of the slide, which would be taken as blank where damage is passed over.</summary>
    [Fact]
    public void AWebPageIsNoDamagedTile()
    {
        using var server = new TestDicomWebServer(Jpeg());
        using var slide = DicomWebSlide.Open(new DicomWebAddress(server.Address), null, _noPause);
        server.Instead = (_, response) =>
        {
            response.ContentType = "text/html; charset=utf-8";
            response.OutputStream.Write("<html>Log in</html>"u8);
            return true;
        };
        var error = Assert.Throws<SlideException>(() => TestPicture.ReadLevel(slide));
        Assert.Null(error.Region);
        Assert.Contains("a web page", error.Message);
    }

    [Fact]
    public void ADamagedFrameIsADamagedTile()
    {
        var instance = Jpeg();
        instance.Frames[1] = instance.Frames[1][..200];
        using var server = new TestDicomWebServer(instance);
        using var slide = Slide.Open(server.Address);
        Assert.Equal(new PixelRect(64, 0, 64, 64), Assert.Throws<SlideException>(() => TestPicture.ReadLevel(slide)).Region);
    }

    [Fact]
    public void ServersThatWantToHearAKindAreTold()
    {
        using var server = new TestDicomWebServer(Jpeg());
        server.Instead = (request, response) =>
        {
            var isAny = request.Headers["Accept"]!.Contains("transfer-syntax=*", StringComparison.Ordinal);
            response.StatusCode = isAny ? 406 : 200;
            return isAny;
        };
        using var slide = Slide.Open(server.Address);
        TestPicture.AssertClose(_picture, TestPicture.ReadLevel(slide), 6);
    }

    [Theory]
    [InlineData(401, "HOVERFAST_DICOMWEB_AUTHORIZATION")]
    [InlineData(404, "Check the address")]
    [InlineData(302, "only the address that was given is asked")]
    [InlineData(500, "500")]
    public void RefusalsAreOneSentenceWithTheWayOut(int status, string word)
    {
        using var server = new TestDicomWebServer(Jpeg());
        server.Instead = (_, response) =>
        {
            response.StatusCode = status;
            response.RedirectLocation = status == 302 ? "http://127.0.0.1:1/" : null;
            return true;
        };
        var error = Assert.Throws<SlideException>(() => DicomWebSlide.Open(new DicomWebAddress(server.Address), null, _noPause));
        Assert.StartsWith(server.Address + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(word, error.Message);
        Assert.Single(server.Asked);
    }

    [Fact]
    public void AnswersThatArentDicomAreRefused()
    {
        using var server = new TestDicomWebServer(Label());
        Assert.Contains("no picture of a slide's tissue", Assert.Throws<SlideException>(() => Slide.Open(server.Address)).Message);
        foreach (
            var answer in new[]
            {
                "<html>",
                "[{",
                "{}",
                "[{\"00280010\":{\"vr\":\"US\",\"Value\":[70000]}}]",
                "[" + string.Concat(Enumerable.Repeat("{\"52009230\":{\"vr\":\"SQ\",\"Value\":[", 30)),
            })
        {
            server.Instead = (_, response) =>
            {
                response.OutputStream.Write(System.Text.Encoding.UTF8.GetBytes(answer));
                return true;
            };
            Assert.Throws<SlideException>(() => DicomWebSlide.Open(new DicomWebAddress(server.Address), null, _noPause));
        }

        server.Dispose();
        Assert.Contains(
            "can't be reached",
            Assert.Throws<SlideException>(() => DicomWebSlide.Open(new DicomWebAddress(server.Address), null, _noPause)).Message);
    }

    /// <summary>A server that takes a request and says nothing: each try takes the whole time, so that there are few.</summary>
    [Fact]
    public void ASilentServerIsAskedOnceMore()
    {
        using var server = new SilentServer();
        var error = Assert.Throws<SlideException>(
            () => DicomWebSlide.Open(new DicomWebAddress(server.Root, "1.2", "1.3"), null, _noPause, TimeSpan.FromMilliseconds(50)));
        Assert.Contains("no whole answer came within 0 minutes), tried 2 times", error.Message);
    }

    /// <summary>Who stops a run isn't kept waiting by a server that doesn't answer, while the slide is opened or read.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ASilentServerHoldsNoStopUp(bool isOpen)
    {
        using var silent = new SilentServer();
        using var server = new TestDicomWebServer(Jpeg());
        using var asked = new SemaphoreSlim(0);
        using var gone = new ManualResetEventSlim();
        server.Instead = (request, _) =>
        {
            if (!request.Url!.AbsolutePath.Contains("/frames/", StringComparison.Ordinal))
            {
                return false;
            }

            asked.Release();
            return gone.Wait(TimeSpan.FromMinutes(1));
        };
        using var model = HoverFast.Model.NucleusModel.Load(DarknessModel.Write(_folder.Path));
        using var segmenter = new SlideSegmenter(model);
        using var stop = new CancellationTokenSource();
        var run = segmenter.SegmentAsync(
            isOpen ? server.Address : $"{silent.Root}/studies/1.2/series/1.3",
            _folder.File("out"),
            cancellation: stop.Token);
        await (isOpen ? asked : silent.Asked).WaitAsync(TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        gone.Set();
    }

    /// <summary>What a server writes comes to a terminal, which takes control characters for commands.</summary>
    [Theory]
    [InlineData("HTTP/1.1 500 A\u001b[2J", "500 A?[2J")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://other/\u001b[2J", "http://other/?[2J")]
    public void MessagesHoldNoControlCharactersOfAServer(string answer, string told)
    {
        using var server = new SilentServer { Answer = answer + "\r\nContent-Length: 0\r\n\r\n" };
        var error = Assert.Throws<SlideException>(() => DicomWebSlide.Open(new DicomWebAddress(server.Root, "1.2", "1.3"), null, _noPause));
        Assert.Contains(told, error.Message);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.DoesNotContain(error.Problem, char.IsControl);
    }

    /// <summary>A long value in small pieces: it was looked at anew after each of them, which took minutes and hours.</summary>
    [Fact(Timeout = 60_000)]
    public async Task ALongValueInSmallPiecesIsReadInTime()
    {
        var text = "[{\"00280010\":{\"vr\":\"OB\",\"InlineBinary\":\"" + new string('A', 16 << 20) + "\"}}]";
        var bytes = System.Text.Encoding.ASCII.GetBytes(text);
        var read = await Task.Run(() => new DicomJson(new SmallPieces(bytes)).ReadArray().ToList(), TestContext.Current.CancellationToken);
        Assert.Single(read);
    }

    [Fact]
    public void MutatedMetadataAreReadOrRefused()
    {
        var instance = Jpeg();
        instance.LightBy(("1", "111744"));
        instance.Place(Enumerable.Range(0, 6).Select(f => (f % 3 * 64, f / 3 * 64, 0.5, "1")));
        var whole = System.Text.Encoding.UTF8.GetBytes($"[{TestDicomWebServer.Json(instance.Elements)}]");
        var letters = "0123456789-.eE\"{}[],: nul\\\0"u8.ToArray();
        var read = 0;
        for (var n = 0; n < 2000; n++)
        {
            var random = new Random(n);
            var bytes = (byte[])whole.Clone();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = letters[random.Next(letters.Length)];
            }

            try
            {
                var placements = new DicomPlacements();
                var sets = new DicomJson(new MemoryStream(n % 5 == 0 ? bytes[..random.Next(bytes.Length)] : bytes))
                    .ReadArray(() => new Dictionary<DicomTag, Action<DicomDataSet>> { [DicomTag.PerFrameGroups] = placements.Add }).ToList();
                Assert.All(sets, set => Assert.InRange(set.Count, 0, 30));
                read++;
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                // Refused with a reason.
            }
        }

        Assert.InRange(read, 100, 1900);
    }

    [Fact]
    public async Task TheCommandTakesTheAddressWithOrWithoutItsParts()
    {
        var model = DarknessModel.Write(_folder.Path);
        using var server = new TestDicomWebServer(Jpeg());
        Assert.Equal(
            0,
            await HoverFastCommand.RunAsync([
                "segment",
                server.Root,
                "--study",
                TestDicomWebServer.Study,
                "--series",
                TestDicomWebServer.Series,
                "-o",
                _folder.File("a"),
                "--model",
                model,
            ]));
        Assert.Equal(0, await HoverFastCommand.RunAsync(["segment", server.Address, "-o", _folder.File("b"), "--model", model]));
        Assert.Single(Directory.GetFiles(_folder.File("a"), "*.geojson.gz"));
        Assert.Single(Directory.GetFiles(_folder.File("b"), "*.geojson.gz"));
        Assert.Equal(2, await HoverFastCommand.RunAsync(["segment", _folder.File("x.svs"), "--study", "1.2", "-o", _folder.File("c"), "--model", model]));
        Assert.NotEqual(0, await HoverFastCommand.RunAsync(["segment", server.Root, "-o", _folder.File("c"), "--model", model]));
    }

    [Fact]
    public void CredentialsComeFromTheEnvironmentOrANetrcFile()
    {
        using var server = new TestDicomWebServer(Jpeg());
        using (DicomWebSlide.Open(new DicomWebAddress(server.Address), "Bearer abc"))
        {
            Assert.Equal("Bearer abc", server.Asked.Single().Authorization);
        }

        var netrc = _folder.Write(
            "netrc",
            "default login x password y\nmachine other login a password b\n# machine host login no password no\nmachine HOST\n  login me password pass:word\n"u8.ToArray());
        string? Variable(string name) => name == DicomWebCredentials.NetrcVariable ? netrc : null;
        Assert.Equal("Basic bWU6cGFzczp3b3Jk", DicomWebCredentials.For("host", Variable));
        Assert.Null(DicomWebCredentials.For("elsewhere", Variable));
        Assert.Equal("Bearer x", DicomWebCredentials.For("host", name => name == DicomWebCredentials.AuthorizationVariable ? "Bearer x" : netrc));
        Assert.Contains(
            "gone",
            Assert
                .Throws<SlideException>(() => DicomWebCredentials.For("host", n => n == DicomWebCredentials.NetrcVariable ? _folder.File("gone") : null))
                .Message);
        Assert.Throws<SlideException>(() => DicomWebCredentials.For("host", _ => "Bearer x\r\nHost: y"));
    }

    [Theory]
    [InlineData("http://h/dicom-web", "1.2", "3.4", "http://h/dicom-web/studies/1.2/series/3.4")]
    [InlineData("https://h:8443/a/dicom-web/", "1.2", null, "https://h:8443/a/dicom-web/studies/1.2")]
    [InlineData("http://h/dicom-web/studies/1.2/series/3.4", null, null, "http://h/dicom-web/studies/1.2/series/3.4")]
    [InlineData("http://h/dicom-web/studies/1.2", null, "3.4", "http://h/dicom-web/studies/1.2/series/3.4")]
    public void AddressesAreUnderstood(string root, string? study, string? series, string whole) =>
        Assert.Equal(whole, new DicomWebAddress(root, study, series).ToString());

    [Theory]
    [InlineData("http://h/dicom-web", null, null, "names no study")]
    [InlineData("http://h/dicom-web", "1.2; rm", null, "is no UID")]
    [InlineData("http://h/dicom-web/studies/1.2/series/3/instances/4", null, null, "is no UID")]
    [InlineData("http://h/dicom-web/studies/1.2", "1.3", null, "is asked for beside it")]
    [InlineData("http://me:secret@h/dicom-web", "1.3", null, "holds a name or password")]
    [InlineData("http://h/dicom-web?x=1", "1.3", null, "is no address")]
    [InlineData("ftp://h/dicom-web", "1.3", null, "is no address")]
    public void OtherAddressesAreRefused(string root, string? study, string? series, string reason)
    {
        var error = Assert.Throws<SlideException>(() => new DicomWebAddress(root, study, series));
        Assert.Contains(reason, error.Message);
        Assert.DoesNotContain("secret", error.Message);
    }

    [Fact]
    public async Task TheCacheIsBounded()
    {
        var cache = new FrameCache(1000);
        var fetched = 0;
        Task<DicomWebFrame> Fetch()
        {
            Interlocked.Increment(ref fetched);
            return Task.FromResult(new DicomWebFrame(new byte[100], ""));
        }

        for (var f = 0; f < 50; f++)
        {
            await cache.Get(("a", f), Fetch);
            Assert.InRange(cache.Bytes, 0, 1000);
        }

        await cache.Get(("a", 49), Fetch);
        Assert.Equal(50, fetched);
        await Assert.ThrowsAsync<IOException>(() => cache.Get(("a", 60), () => throw new IOException()));
        await cache.Get(("a", 60), Fetch);
        Assert.Equal(51, fetched);
    }

    public void Dispose() => _folder.Dispose();

    private sealed class SmallPieces(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 4));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 4)]);
    }

    private static TestDicomInstance Label()
    {
        var label = TestDicomInstance.Of(TestPicture.Make(64, 64), instance: "1.2.3.6");
        label.Elements.Set(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "LABEL", "NONE");
        return label;
    }

    private TestDicomInstance Jpeg() => TestDicomInstance.Of(_picture, syntax: DicomTransferSyntax.JpegBaseline);
}
