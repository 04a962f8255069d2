namespace HoverFast.Server.Jobs;

/// <summary>How fast a cluster gets through the server's jobs.</summary>
/// <param name="SlidesPerHour">Slides an hour; null before the first.</param>
/// <param name="SecondsLeft">Seconds until all are done; null where that can't be told yet.</param>
internal sealed record JobPace(double? SlidesPerHour, double? SecondsLeft);
