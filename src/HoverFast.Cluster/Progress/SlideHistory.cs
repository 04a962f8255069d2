using HoverFast.Cluster.Batches;
using HoverFast.Cluster.Slurm;

namespace HoverFast.Cluster.Progress;

/// <summary>What plans and events say of one slide.</summary>
internal sealed class SlideHistory
{
    private readonly Dictionary<(string Host, int Process), DateTimeOffset> _open = [];
    private readonly List<(DateTimeOffset From, DateTimeOffset To)> _underWay = [];
    private string _path = "";
    private long _bytes;
    private double _expected;
    private int _attempts;
    private SlideEvent? _last;
    private SlideEvent? _segmented;
    private DateTimeOffset? _began;

    /// <summary>The tasks that were to do it.</summary>
    public List<(string Job, int Task)> Tasks { get; } = [];

    /// <summary>A plan has it.</summary>
    public void Plan(ClusterSlide slide, int cpus) => (_path, _bytes, _expected) = (slide.Path, slide.Bytes, slide.Seconds * cpus);

    /// <summary>A plan could not take it.</summary>
    public void Refuse(RefusedSlide refused, DateTimeOffset at)
    {
        _path = refused.Path;
        Add(new SlideEvent { At = at, Event = SlideEventKind.Failed, Slide = refused.Name, Error = $"{refused.Path}: {refused.Problem}" });
    }

    /// <summary>Something happened to it. Files of events come in any order, the events of a run in theirs.</summary>
    public void Add(SlideEvent what)
    {
        if (what.Event == SlideEventKind.Started)
        {
            _attempts++;
            _began = _began > what.At ? _began : what.At;
            _open[(what.Host, what.Process)] = what.At;
        }
        else if (what.Event != SlideEventKind.Waiting && _open.Remove((what.Host, what.Process), out var from))
        {
            _underWay.Add((from, what.At));
        }

        if (_last is null || what.At >= _last.At)
        {
            _last = what;
        }

        if (what.Event == SlideEventKind.Done && (_segmented is null || what.At >= _segmented.At))
        {
            _segmented = what;
        }
    }

    /// <summary>What that comes to.</summary>
    /// <param name="name">The slide's name.</param>
    /// <param name="hasManifest">Whether its manifest is there.</param>
    /// <param name="isUnderWay">Whether the run that began it seems to live.</param>
    /// <param name="finished">When its result was complete; asked for only where the last run failed and a manifest is there.</param>
    public ClusterSlideState State(string name, bool hasManifest, Func<string, SlideEvent, bool> isUnderWay, Func<string, DateTimeOffset?> finished)
    {
        // A result of before stands beside a failure; one that came since, by hand for example, has made up for it.
        var hasFailed = _last?.Event == SlideEventKind.Failed && !(hasManifest && finished(name) > _last.At);
        return Describe(name, hasFailed ? SlideProgressState.Failed : _last?.Event switch
        {
            // The manifest decides: a result that was deleted is not done, and one that another program made is.
            SlideEventKind.Started or SlideEventKind.Waiting when isUnderWay(name, _last) => SlideProgressState.Running,
            _ when hasManifest => SlideProgressState.Done,
            SlideEventKind.Started or SlideEventKind.Waiting or SlideEventKind.Stopped => SlideProgressState.Interrupted,
            _ => SlideProgressState.Waiting,
        });
    }

    private ClusterSlideState Describe(string name, SlideProgressState state) => new()
    {
        Name = name,
        Path = _path,
        Bytes = _bytes,
        ExpectedCoreSeconds = _expected,
        Tasks = Tasks,
        State = state,
        Attempts = _attempts,
        Error = state == SlideProgressState.Failed ? _last!.Error : null,
        Host = _last?.Host,
        Seconds = _segmented?.Seconds,
        CoreSeconds = _segmented?.ProcessorSeconds,
        Tissue = _segmented?.Tissue,
        Began = _began,
        Ended = _segmented?.At,
        UnderWay = _underWay,
        WasResumed = _segmented?.TilesResumed > 0,
    };
}
