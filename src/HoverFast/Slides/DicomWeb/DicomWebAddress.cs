namespace HoverFast.Slides.DicomWeb;

/// <summary>Where a slide lies on a DICOMweb server (PS3.18): the root of its services, a study and a series.</summary>
public sealed record DicomWebAddress
{
    private const int LongestUid = 64;

    /// <summary>Makes an address.</summary>
    /// <param name="root">The services' root, for example http://host/dicom-web. May be the whole address of a study or series.</param>
    /// <param name="study">The study's UID, or null where the address holds it.</param>
    /// <param name="series">The series' UID; null where the address holds it, or to take the study's only slide.</param>
    /// <exception cref="SlideException">It is no such address; the message says what is missing.</exception>
    public DicomWebAddress(string root, string? study = null, string? series = null)
    {
        var uri = Parse(root, "http://host/dicom-web/studies/UID/series/UID");
        var path = uri.AbsolutePath.TrimEnd('/');
        (path, var seriesInPath) = Cut(path, "/series/");
        (path, var studyInPath) = Cut(path, "/studies/");
        Study = Checked(root, Either(root, study, studyInPath), "study")
            ?? throw new SlideException(root, "names no study; give the address of one (.../studies/UID), or its UID beside it.");
        Series = Checked(root, Either(root, series, seriesInPath), "series");
        Root = uri.GetLeftPart(UriPartial.Authority) + path;
    }

    /// <summary>The services' root, without a slash at its end.</summary>
    public string Root { get; }

    /// <summary>The study's UID.</summary>
    public string Study { get; }

    /// <summary>The series' UID, or null to take the study's only slide.</summary>
    public string? Series { get; }

    /// <summary>The address of the study.</summary>
    public string StudyAddress => $"{Root}/studies/{Study}";

    /// <summary>Whether a text is an address (http or https) rather than a file's path.</summary>
    public static bool IsAddress(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || path.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The whole address, which <see cref="Slide.Open"/> takes.</summary>
    public override string ToString() => Series is null ? StudyAddress : $"{StudyAddress}/series/{Series}";

    /// <summary>The root of a server's services without a slash at its end.</summary>
    /// <exception cref="SlideException">The text is no such address.</exception>
    internal static string RootOf(string root)
    {
        var uri = Parse(root, "http://host/dicom-web");
        return Cut(uri.AbsolutePath, "/studies/").After is null
            ? uri.GetLeftPart(UriPartial.Path).TrimEnd('/')
            : throw new SlideException(root, "names a study; give the root of the services, such as http://host/dicom-web.");
    }

    private static Uri Parse(string root, string example)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        if (!IsAddress(root) || !Uri.TryCreate(root, UriKind.Absolute, out var uri) || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new SlideException(root, $"is no address of a DICOMweb server, such as {example}.");
        }

        if (uri.UserInfo.Length > 0)
        {
            // Addresses stand in manifests and messages.
            throw new SlideException(
                uri.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped),
                "holds a name or password. " + DicomWebCredentials.HowToGive);
        }

        return uri;
    }

    private static (string Before, string? After) Cut(string path, string mark)
    {
        var at = path.LastIndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? (path, null) : (path[..at], path[(at + mark.Length)..]);
    }

    private static string? Either(string root, string? given, string? inPath) => given is not null && inPath is not null && given != inPath
        ? throw new SlideException(root, $"names {inPath}, but {given} is asked for beside it.")
        : given ?? inPath;

    private static string? Checked(string root, string? uid, string kind) =>
        uid is null || (uid.Length is > 0 and <= LongestUid && uid.All(c => c is >= '0' and <= '9' or '.'))
            ? uid
            : throw new SlideException(root, $"\"{uid}\" is no UID of a {kind}: digits and dots, at most {LongestUid}.");
}
