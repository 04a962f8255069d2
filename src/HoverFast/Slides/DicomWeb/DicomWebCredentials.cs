using System.Text;
using HoverFast.Files;

namespace HoverFast.Slides.DicomWeb;

/// <summary>
/// What a DICOMweb server is told of its user: the whole Authorization header from the environment, or a name and password for its host from a netrc file.
/// </summary>
internal sealed class DicomWebCredentials
{
    /// <summary>The environment variable that holds the Authorization header, for example "Bearer TOKEN" or "Basic ...".</summary>
    public const string AuthorizationVariable = "HOVERFAST_DICOMWEB_AUTHORIZATION";

    /// <summary>The environment variable that names the netrc file; .netrc in the home folder otherwise.</summary>
    public const string NetrcVariable = "HOVERFAST_DICOMWEB_NETRC";

    /// <summary>How to say who one is.</summary>
    public const string HowToGive = $"Put the Authorization header (\"Bearer TOKEN\", for example) into the environment variable {AuthorizationVariable}, " +
        $"or \"machine HOST login NAME password WORD\" into a file that {NetrcVariable} names (or ~/.netrc).";

    private const int LongestNetrc = 1 << 20;

    /// <summary>The Authorization header for a host, or null.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <exception cref="SlideException">The file that is named can't be read, or the variable holds no header.</exception>
    public static string? For(string host, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (variable(AuthorizationVariable) is { Length: > 0 } header)
        {
            return header.Any(char.IsControl)
                ? throw new SlideException(AuthorizationVariable, "the environment variable holds more than one line; it must be one Authorization header.")
                : header.Trim();
        }

        var named = variable(NetrcVariable);
        var path = named is { Length: > 0 } ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".netrc");
        if (named is not { Length: > 0 } && !RegularFile.Exists(path))
        {
            return null;
        }

        try
        {
            return FromNetrc(RegularFile.ReadAllText(path, LongestNetrc), host) is var (login, password)
                ? "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login}:{password}"))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, RgbImageFile.Unreadable(e), e);
        }
    }

    /// <summary>
    /// A host's name and password from a netrc file: words parted by spaces, "machine HOST login NAME password WORD"; null where there are none.
    /// </summary>
    internal static (string Login, string Password)? FromNetrc(string text, string host)
    {
        var words = text.Split('\n').Select(l => l.TrimStart().StartsWith('#') ? string.Empty : l)
            .SelectMany(l => l.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)).ToArray();
        var isHost = false;
        string? login = null;
        for (var i = 0; i < words.Length; i++)
        {
            var next = i + 1 < words.Length ? words[i + 1] : string.Empty;
            switch (words[i])
            {
                case "machine":
                    isHost = string.Equals(next, host, StringComparison.OrdinalIgnoreCase);
                    login = null;
                    i++;
                    break;
                case "default":
                    // Credentials for anyone are credentials for the wrong one.
                    isHost = false;
                    break;
                case "login":
                    login = next;
                    i++;
                    break;
                case "password":
                    if (isHost && login is not null)
                    {
                        return (login, next);
                    }

                    i++;
                    break;
                case "account":
                    i++;
                    break;
            }
        }

        return null;
    }
}
