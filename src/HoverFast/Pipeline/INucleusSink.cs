namespace HoverFast.Pipeline;

/// <summary>
/// One output of a slide, written in one pass. It writes to a temporary file that becomes the output in <see cref="Complete"/>;
/// disposed before that, it leaves nothing behind.
/// </summary>
public interface INucleusSink : IDisposable
{
    /// <summary>Takes a tile's nuclei; tiles come in grid order.</summary>
    void Write(TileResult tile);

    /// <summary>Finishes the output: it now stands under its name.</summary>
    void Complete();
}
