namespace HoverFast.Output.Dicom;

/// <summary>Text as DICOM's short representations take it.</summary>
internal static class DicomText
{
    /// <summary>
    /// A text of ASCII letters without backslash (which parts values) and no longer than allowed. The slide's own character set may lack all others.
    /// </summary>
    public static string Fit(string text, int longest)
    {
        var plain = string.Concat(text.Select(c => c switch
        {
            '\\' or < ' ' or (char)127 => ' ',
            '\u00B5' => 'u',
            > '~' => '?',
            _ => c,
        })).Trim();
        return plain.Length <= longest ? plain : plain[..longest].TrimEnd();
    }
}
