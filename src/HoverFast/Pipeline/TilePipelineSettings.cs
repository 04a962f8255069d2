using HoverFast.Model;

namespace HoverFast.Pipeline;

/// <summary>How the main line runs.</summary>
/// <param name="Threads">Tiles that are computed at once, each on one thread; at least 1.</param>
/// <param name="SkipCorrupt">Take what can't be decoded as blank and list it, instead of giving the slide up.</param>
internal sealed record TilePipelineSettings(int Threads, bool SkipCorrupt)
{
    /// <summary>As a slide is segmented: on as many threads as memory has room for tiles.</summary>
    /// <param name="session">The slide.</param>
    /// <param name="second">A second model that looks at each tile too, or null.</param>
    /// <param name="keepsMaps">Whether the maps of tiles are kept.</param>
    public static TilePipelineSettings For(SlideSession session, NucleusModel? second = null, bool keepsMaps = false)
    {
        var plan = MemoryPlan.For(session.Model, session.Settings, keepsMaps);
        return new(
            second is null ? plan.Tiles : MemoryPlan.TilesOfBoth(session.Model, second, session.Settings, plan.Available),
            session.Settings.SkipCorrupt);
    }
}
