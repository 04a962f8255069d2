using HoverFast.Slides;

namespace HoverFast.Model.Engine;

/// <summary>
/// The network's run on a picture that is never in memory whole: bands of its rows come in from the top, and rows of the maps go out, the same as of the whole
/// picture. Dispose it when it is done with. Serves one thread.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="run">A run that was started; goes back to the engine.</param>
internal sealed class BandRun(IntegerEngine engine, EngineRun run) : IDisposable
{
    private EngineRun? _run = run;

    /// <summary>Pixels of the picture on a side of a pixel of the maps.</summary>
    public int OutputStride => engine.OutputStride;

    /// <summary>Whether the maps need a place for types.</summary>
    public bool TellsTypes => engine.TellsTypes;

    private EngineRun Run => _run ?? throw new ObjectDisposedException(nameof(BandRun));

    /// <inheritdoc cref="EngineRun.Reach"/>
    public (int Made, int Needed) Reach(int row) => Run.Reach(row);

    /// <inheritdoc cref="EngineRun.GoOn"/>
    public void GoOn(RgbImage picture, int pictureTop, NucleusMaps maps, int mapsTop, int to) => Run.GoOn(picture, pictureTop, maps, mapsTop, to);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_run is { } done)
        {
            _run = null;
            engine.Return(done);
        }
    }
}
