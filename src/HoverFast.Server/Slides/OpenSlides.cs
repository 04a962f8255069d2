namespace HoverFast.Server.Slides;

/// <summary>The slides that were looked at last stay open: a bounded number, since each keeps decoded tiles at hand.</summary>
internal sealed class OpenSlides : IDisposable
{
    private const int Most = 4;

    private readonly Lock _lock = new();
    private readonly LinkedList<(string Key, Lazy<OpenSlide> Slide)> _byUse = new();

    /// <summary>Does something with a slide, opened if need be.</summary>
    /// <exception cref="HoverFast.Slides.SlideException">It can't be opened.</exception>
    public T Use<T>(SlideEntry entry, Func<OpenSlide, T> use)
    {
        while (true)
        {
            var slide = Get(entry.RequirePath(), entry.Stamp);
            if (slide.TryEnter())
            {
                try
                {
                    return use(slide);
                }
                finally
                {
                    slide.Leave();
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            while (_byUse.Count > 0)
            {
                DropLast();
            }
        }
    }

    private OpenSlide Get(string path, string stamp)
    {
        var key = path + "\n" + stamp;
        Lazy<OpenSlide> slide;
        lock (_lock)
        {
            var node = _byUse.First;
            while (node is not null && node.Value.Key != key)
            {
                node = node.Next;
            }

            if (node is null)
            {
                node = new LinkedListNode<(string Key, Lazy<OpenSlide> Slide)>((key, new Lazy<OpenSlide>(() => new OpenSlide(path))));
            }
            else
            {
                _byUse.Remove(node);
            }

            _byUse.AddFirst(node);
            slide = node.Value.Slide;
            if (_byUse.Count > Most)
            {
                DropLast();
            }
        }

        try
        {
            return slide.Value;
        }
        catch
        {
            lock (_lock)
            {
                _byUse.Remove((key, slide));
            }

            throw;
        }
    }

    private void DropLast()
    {
        var (_, slide) = _byUse.Last!.Value;
        _byUse.RemoveLast();
        if (slide.IsValueCreated)
        {
            slide.Value.Dispose();
        }
    }
}
