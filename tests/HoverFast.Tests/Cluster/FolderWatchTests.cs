using System.Net;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Cluster.Batches;
using HoverFast.Cluster.Watching;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Guards;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Cluster;

public sealed class FolderWatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly NucleusModel _model;
    private readonly SlideSegmenter _segmenter;
    private readonly List<string> _notes = [];

    public FolderWatchTests()
    {
        _model = NucleusModel.Load(DarknessModel.Write(_folder.Path));
        _segmenter = new SlideSegmenter(_model, new SegmentSettings { Threads = 1, TileSize = 256 }, new SlideCalibrator { Stated = new Mpp(0.25) });
        Directory.CreateDirectory(Scans);
    }

    private string Scans => _folder.File("scans");

    private string Results => _folder.File("results");

    public void Dispose()
    {
        _segmenter.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task SlidesAreSegmentedOnceEachUnderNamesThatStay()
    {
        DarkDiscs.Write(Path.Combine(Scans, "a.png"), 400);
        Directory.CreateDirectory(Path.Combine(Scans, "monday"));
        DarkDiscs.Write(Path.Combine(Scans, "monday", "a.png"), 400);
        await File.WriteAllTextAsync(Path.Combine(Scans, "notes.txt"), "no slide", TestContext.Current.CancellationToken);
        Assert.Equal(0, await Watch());
        Assert.Equal(["a", "monday_a"], Done());
        var first = File.GetLastWriteTimeUtc(Manifest.PathFor(Results, "a"));

        // A later one of the same name, and a start anew: what is done is left alone.
        DarkDiscs.Write(Path.Combine(Scans, "a.bmp.png"), 400);
        File.Copy(Path.Combine(Scans, "a.png"), Path.Combine(Scans, "a.jpg"));
        Assert.Equal(0, await Watch());
        Assert.Equal(["a", "a.bmp", "a.jpg", "monday_a"], Done());
        Assert.Equal(first, File.GetLastWriteTimeUtc(Manifest.PathFor(Results, "a")));
        Assert.All(_notes, n => Assert.StartsWith("watching", n, StringComparison.Ordinal));
    }

    [Fact]
    public void ASlideIsWholeWhenNothingOfItChangesAnyMore()
    {
        var clock = new ManualClock();
        var slide = Path.Combine(Scans, "a.png");
        DarkDiscs.Write(slide, 400);
        var arrivals = new Arrivals(Scans, Results, TimeSpan.FromSeconds(60), clock);
        Assert.Empty(arrivals.Look((_, _) => false));
        Assert.Equal(1, arrivals.Coming);
        clock.Advance(59);
        Assert.Empty(arrivals.Look((_, _) => false));

        // The scanner writes on: the time counts anew.
        File.AppendAllText(slide, "more");
        clock.Advance(30);
        Assert.Empty(arrivals.Look((_, _) => false));
        clock.Advance(59);
        Assert.Empty(arrivals.Look((_, _) => false));
        clock.Advance(1);
        Assert.Equal(slide, Assert.Single(arrivals.Look((_, _) => false)).Path);
        Assert.Equal(0, arrivals.Coming);

        // Settled as it is; and again when its files change.
        var signature = Arrivals.SignatureOf(slide);
        Assert.Empty(arrivals.Look((_, s) => s == signature));
        File.AppendAllText(slide, "more");
        Assert.Empty(arrivals.Look((_, s) => s == signature));
        Assert.Equal(1, arrivals.Coming);
    }

    [Fact]
    public async Task ADamagedSlideIsToldOnceAndTriedAgainWhenItsFilesChange()
    {
        var slide = Path.Combine(Scans, "a.png");
        await File.WriteAllTextAsync(slide, "no picture", TestContext.Current.CancellationToken);
        DarkDiscs.Write(Path.Combine(Scans, "b.png"), 400);
        Assert.Equal(1, await Watch());
        Assert.Equal(["b"], Done());
        Assert.Equal(0, await Watch());
        var failed = Listed("a");
        Assert.Contains("a.png", (string)failed["error"]!, StringComparison.Ordinal);

        File.Delete(slide);
        DarkDiscs.Write(slide, 400);
        Assert.Equal(0, await Watch());
        Assert.Equal(["a", "b"], Done());
        Assert.Null(Listed("a")["error"]);
    }

    [Fact]
    public async Task AProgramAndAnAddressAreToldOfEachEndUntilTheyAreThere()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell, to run a script");
        DarkDiscs.Write(Path.Combine(Scans, "a.png"), 400);
        await File.WriteAllTextAsync(Path.Combine(Scans, "b.png"), "no picture", TestContext.Current.CancellationToken);
        var told = _folder.File("told.txt");
        var script = _folder.File("on-slide");
        await File.WriteAllTextAsync(
            script,
            $"#!/bin/sh\necho \"$HOVERFAST_STATE $HOVERFAST_NAME $HOVERFAST_NUCLEI $(basename \"$HOVERFAST_MANIFEST\")\" >> {told}\n",
            TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        using var server = new HttpListener();
        server.Prefixes.Add($"http://127.0.0.1:{FreePort.Find()}/");
        server.Start();
        var answers = new Queue<int>([503, 200, 200]);
        var bodies = new List<JsonNode>();
        var serving = ServeAsync();
        async Task ServeAsync()
        {
            while (answers.TryDequeue(out var code))
            {
                var context = await server.GetContextAsync();
                bodies.Add(JsonNode.Parse(context.Request.InputStream)!);
                context.Response.StatusCode = code;
                context.Response.Close();
            }
        }

        Assert.Equal(1, await Watch(new WatchOptions { Program = script, Address = new Uri(server.Prefixes.First()) }));

        await serving;
        var nuclei = (long)Listed("a")["nuclei"]!;
        Assert.Equal(
            [$"done a {nuclei} a.manifest.json", "failed b  b.manifest.json"],
            await File.ReadAllLinesAsync(told, TestContext.Current.CancellationToken));
        Assert.Equal(["done a", "done a", "failed b"], bodies.Select(b => $"{(string)b["event"]!} {(string)b["slide"]!}"));
        Assert.Equal(nuclei, (long)bodies[0]["nuclei"]!);
        Assert.Contains(_notes, n => n.Contains("answered 503", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnEndThatNobodyTakesHoldsNoOtherBack()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell, to run a script");
        await File.WriteAllTextAsync(Path.Combine(Scans, "a.png"), "no picture", TestContext.Current.CancellationToken);
        DarkDiscs.Write(Path.Combine(Scans, "b.png"), 400);
        DarkDiscs.Write(Path.Combine(Scans, "c.png"), 400);
        var (told, script) = (_folder.File("told.txt"), _folder.File("on-slide"));

        // The failed one is taken once the others are known.
        await File.WriteAllTextAsync(
            script,
            $"#!/bin/sh\n[ $HOVERFAST_NAME = a ] && [ \"$(wc -l 2> /dev/null < {told})\" != 2 ] && exit 1\necho $HOVERFAST_NAME >> {told}\n",
            TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        Assert.Equal(1, await Watch(new WatchOptions { Program = script }, cancellation: limit.Token));
        Assert.Equal(["b", "c", "a"], await File.ReadAllLinesAsync(told, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ResultsMayLieInTheWatchedFolderAndOnlyOneWatchesForThem()
    {
        DarkDiscs.Write(Path.Combine(Scans, "a.png"), 400);
        var inside = Path.Combine(Scans, "results");
        Assert.Equal(0, await Watch(results: inside));
        Assert.Equal(0, await Watch(results: inside));
        Assert.Equal(["a"], Done(inside));

        using var first = ResultLock.Take(Path.Combine(inside, FolderWatch.StateFile + ".lock"), "the watched folder");
        await Assert.ThrowsAsync<ResultInUseException>(() => Watch(results: inside));
    }

    [Fact]
    public async Task AListOfAnotherKindIsRefusedWithTheWayOut()
    {
        Directory.CreateDirectory(Results);
        await File.WriteAllTextAsync(
            Path.Combine(Results, FolderWatch.StateFile),
            "{\"format\": \"hoverfast-watch/1\", \"slides\": null}",
            TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<SlideException>(() => Watch());
        Assert.Contains("Delete it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheCommandEndsByItselfWhereItIsAskedTo()
    {
        DarkDiscs.Write(Path.Combine(Scans, "a.png"), 400);
        string[] command =
        [
            "watch",
            Scans,
            "-o",
            Results,
            "--once",
            "--rest",
            "0",
            "--every",
            "0.1",
            "--model",
            _model.Path,
            "--mpp",
            "0.25",
            "--write",
            "csv",
        ];
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(command));
        Assert.True(File.Exists(Path.Combine(Results, "a.csv")));
        Assert.Contains(HoverFastCommand.ErrorsOf(HoverFastCommand.Make().Parse(["watch", Scans, "-o", Results, "--post", "ftp://a"])), e =>
            e.Contains("http://", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ResultsKeepTheirNamesWhereTheListIsLostOrTheSlidesWereMoved()
    {
        // The later one comes first by name.
        DarkDiscs.Write(Path.Combine(Scans, "a.png"), 400);
        Assert.Equal(0, await Watch());
        DarkDiscs.Write(Path.Combine(Scans, "a.jpg"), 300);
        Assert.Equal(0, await Watch());
        var times = Directory.GetFiles(Results, "*.csv").ToDictionary(f => f, File.GetLastWriteTimeUtc);

        File.Delete(Path.Combine(Results, FolderWatch.StateFile));
        Assert.Equal(0, await Watch());
        Assert.EndsWith("a.png", (string)Listed("a")["path"]!, StringComparison.Ordinal);

        // Elsewhere by way of another disk, say.
        Directory.Move(Scans, _folder.File("moved"));
        Assert.Equal(0, await Watch(scans: _folder.File("moved")));
        Assert.Equal(times, Directory.GetFiles(Results, "*.csv").ToDictionary(f => f, File.GetLastWriteTimeUtc));
    }

    [Fact]
    public async Task SlidesWhoseFolderWasAwayForAWhileAreDoneWhenItIsBack()
    {
        DarkDiscs.Write(Path.Combine(Scans, "a.png"), 400);
        DarkDiscs.Write(Path.Combine(Scans, "b.png"), 400);
        var away = _folder.File("away");
        var isBack = false;
        using var leaving = new Happening { AtStart = _ => Move(Scans, away, !isBack && Directory.Exists(Scans)) };
        void Back(string note)
        {
            isBack = note.Contains("can't be read", StringComparison.Ordinal);
            Move(away, Scans, isBack);
        }

        Assert.Equal(0, await Watch(watcher: leaving, log: Back));
        Assert.Equal(["a", "b"], Done());
        Assert.Null(Listed("a")["error"]);
    }

    [Fact]
    public async Task ASlideThatIsWrittenOnWhileItIsReadHasNotFailed()
    {
        var slide = Path.Combine(Scans, "a.png");
        DarkDiscs.Write(slide, 400);
        var whole = await File.ReadAllBytesAsync(slide, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(slide, whole[..^100], TestContext.Current.CancellationToken);
        using var writing = new Happening
        {
            AtEnd = outcome =>
            {
                if (outcome.Error is not null)
                {
                    File.WriteAllBytes(slide, whole);
                }
            },
        };
        Assert.Equal(0, await Watch(watcher: writing));
        Assert.Null(Listed("a")["error"]);
        Assert.Equal(1, (int)Listed("a")["attempts"]!);
    }

    [Fact]
    public async Task AFolderOfResultsThatIsAwayIsWaitedFor()
    {
        DarkDiscs.Write(Path.Combine(Scans, "a.png"), 400);
        DarkDiscs.Write(Path.Combine(Scans, "b.png"), 400);
        var away = _folder.File("away");
        using var leaving = new Happening
        {
            AtEnd = outcome =>
            {
                if (outcome.Input.Name == "a")
                {
                    Directory.Move(Results, away);
                    File.WriteAllText(Results, "");
                }
            },
        };
        void Back(string note)
        {
            if (note.Contains("b goes on", StringComparison.Ordinal))
            {
                File.Delete(Results);
                Directory.Move(away, Results);
            }
        }

        Assert.Equal(0, await Watch(watcher: leaving, log: Back));
        Assert.Equal(["a", "b"], Done());
    }

    [Fact]
    public async Task AFolderThatMayNotBeReadIsLeftOutAndToldOnce()
    {
        DarkDiscs.Write(Path.Combine(Scans, "a.png"), 400);
        using var locked = new LockedFolder(Path.Combine(Scans, "lost+found"));
        OtherUser.Free(_folder.Path);
        OtherUser.Free(Directory.CreateDirectory(Results).FullName);
        string[] options = ["--once", "--rest", "0.5", "--every", "0.1", "--model", _model.Path, "--mpp", "0.25", "--write", "csv", "--no-tuning"];

        // The slide is new at the first look, and whole at a later one.
        var ended = await OtherUser.HoverFastAsync(_folder.Path, ["watch", Scans, "-o", Results, .. options]);

        Assert.True(ended.ExitCode == ExitCode.Success, ended.Error + ended.Output);
        Assert.Equal(["a"], Done());
        Assert.Single((ended.Error + ended.Output).Split('\n'), l => l.Contains(locked.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ASlideWhoseNameIsNotInUtf8IsTold()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems have no such names");
        var slide = Path.Combine(Scans, "a.png");
        DarkDiscs.Write(slide, 400);

        // As a disk of another system is mounted.
        var copied = await ChildProcess.RunAsync("sh", ["-c", "cp \"$1\" \"$(dirname \"$1\")/$(printf 'caf\\351').png\"", "sh", slide]);
        Assert.SkipWhen(copied.ExitCode != 0, "the disk takes no such names");

        var failed = await Watch();

        // .NET can't delete it either.
        await ChildProcess.RunAsync("sh", ["-c", "rm \"$1\"/caf*", "sh", Scans]);
        Assert.Equal(0, failed);
        Assert.Equal(["a"], Done());
        var told = Assert.Single(_notes, n => !n.StartsWith("watching", StringComparison.Ordinal));
        Assert.Contains("caf\uFFFD.png can't be opened, since its name is not in UTF-8", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFullDiskIsWaitedFor()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a disk in memory");
        DarkDiscs.Write(Path.Combine(Scans, "a.png"), 1600);
        var (errors, list) = (_folder.File("errors.txt"), _folder.File("list.txt"));
        Directory.CreateDirectory(Results);

        // 16 KB are left: enough for the lock, too little for the tiles. There is room as soon as the wait has been told.
        const string Script = """
            errors=$1; list=$2; out=$3; shift 3
            mount -t tmpfs -o size=1M tmpfs "$out" || exit 99
            head -c 1032192 /dev/zero > "$out/filler" || exit 99
            "$@" 2> "$errors" & pid=$!
            until grep -q 'no room' "$errors"; do kill -0 $pid || exit 98; sleep 0.1; done
            rm "$out/filler"
            wait $pid; code=$?
            ls "$out" > "$list"
            exit $code
            """;
        var ended = await ChildProcess.RunAsync("unshare",
        [
            "-rm", "bash", "-c", Script, "bash", errors, list, Results,
            "dotnet", Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"), "watch", Scans, "-o", Results, "--once", "--rest", "0", "--every", "0.2",
            "--model", _model.Path, "--mpp", "0.25", "--write", "csv", "--tile-size", "256", "--no-tuning",
        ]);

        Assert.SkipWhen(
            ended.ExitCode == 99 || ended.Error.StartsWith("unshare:", StringComparison.Ordinal),
            "needs the right to mount a disk in memory (unshare -rm)");
        Assert.True(ended.ExitCode == ExitCode.Success, ended.Error + ended.Output);
        Assert.Equal(["a.csv", "a.manifest.json", FolderWatch.StateFile], await File.ReadAllLinesAsync(list, TestContext.Current.CancellationToken));
    }

    private static void Move(string from, string to, bool now)
    {
        if (now)
        {
            Directory.Move(from, to);
        }
    }

    private Task<int> Watch(
        WatchOptions? options = null,
        string? results = null,
        IBatchWatcher? watcher = null,
        Action<string>? log = null,
        string? scans = null,
        CancellationToken? cancellation = null) => new FolderWatch(
        _segmenter,
        scans ?? Scans,
        results ?? Results,
        new ResultOptions { Kinds = [ResultKind.Csv] },
        (options ?? new WatchOptions()) with { Once = true, Every = TimeSpan.FromMilliseconds(50), Rest = TimeSpan.Zero },
        watcher is null ? [] : [watcher],
        log ?? _notes.Add).RunAsync(cancellation ?? TestContext.Current.CancellationToken);

    private IEnumerable<string> Done(string? results = null) =>
        Directory.GetFiles(results ?? Results, "*.csv").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    private JsonNode Listed(string name) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Results, FolderWatch.StateFile)))!["slides"]!.AsArray().Single(s => (string)s!["name"]! == name)!;

    private sealed class Happening : IBatchWatcher
    {
        public Action<string> AtStart { get; init; } = _ => { };

        public Action<SlideOutcome> AtEnd { get; init; } = _ => { };

        public void Started(SlideInput input) => AtStart(input.Name);

        public void Waiting(SlideInput input, ResultInUseException error)
        {
        }

        public void Ended(SlideOutcome outcome, double seconds, double processorSeconds) => AtEnd(outcome);

        public void Stopped(SlideInput? input)
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class ManualClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(double seconds) => _ticks += TimeSpan.FromSeconds(seconds).Ticks;
    }
}
