using System.Text.RegularExpressions;

namespace HoverFast.Training.Data;

/// <summary>What a licence's words say.</summary>
internal static partial class DataLicence
{
    /// <summary>Whether the data may not be used commercially: "CC BY-NC-SA 4.0", "non-commercial", "research only" and their like.</summary>
    public static bool IsNonCommercial(string licence) => Words().IsMatch(licence);

    [GeneratedRegex(
        @"(?<![\p{L}])NC(?![\p{L}])|non-?\s?commercial|(?:research|academic)(?: use)? only",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant
    )]
    private static partial Regex Words();
}
