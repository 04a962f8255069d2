namespace HoverFast.Nuclei;

/// <summary>A measurement as outputs show it.</summary>
/// <param name="Name">As QuPath's users know it, with its unit, for example "Nucleus: Area µm^2".</param>
/// <param name="Column">As a column of a table, for example "area_um2".</param>
/// <param name="Decimals">How many decimals say something, 0 to 9.</param>
internal sealed record MeasurementName(string Name, string Column, int Decimals);
