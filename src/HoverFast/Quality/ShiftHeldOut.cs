namespace HoverFast.Quality;

/// <summary>How well a kind of picture is told from good H&amp;E that no student saw.</summary>
/// <param name="Pictures">The kind.</param>
/// <param name="Count">How many.</param>
/// <param name="Auroc">Area under the receiver operating characteristic against good unseen pictures; 0 for these themselves.</param>
/// <param name="Beyond">Share beyond the threshold.</param>
internal sealed record ShiftHeldOut(string Pictures, int Count, double Auroc, double Beyond);
