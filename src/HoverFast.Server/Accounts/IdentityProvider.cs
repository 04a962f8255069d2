using System.Net;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HoverFast.Server.Accounts;

/// <summary>An OpenID Connect provider that people log in with, as its file tells it (<c>--oidc FILE</c>).</summary>
internal sealed record IdentityProvider
{
    /// <summary>Where the secret is looked for when the file names none.</summary>
    public const string SecretVariable = "HOVERFAST_OIDC_SECRET";

    private const int LongestName = 64;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter<Role>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>The provider's address; its description lies at <c>/.well-known/openid-configuration</c> below it.</summary>
    public required string Authority { get; init; }

    /// <summary>What the provider knows this server by.</summary>
    public required string ClientId { get; init; }

    /// <summary>A file that holds the secret; null takes it from the environment (<see cref="SecretVariable"/>). Public clients have none.</summary>
    public string? ClientSecretFile { get; init; }

    /// <summary>What the button says.</summary>
    public string Title { get; init => field = value ?? ""; } = "";

    /// <summary>The claim that tells a person's roles or groups; a dot leads into a claim that is an object ("realm_access.roles").</summary>
    public string RoleClaim { get; init => field = value ?? ""; } = "roles";

    /// <summary>Values of that claim that give a role; who has several gets the highest. Who has none may not come in.</summary>
    public required IReadOnlyDictionary<Role, IReadOnlyList<string>> Roles { get; init; }

    /// <summary>The claim that a person is called by, in the log too. The provider must keep it unique.</summary>
    public string NameClaim { get; init => field = value ?? ""; } = "preferred_username";

    /// <summary>What is asked for beside "openid".</summary>
    public IReadOnlyList<string> Scopes { get; init => field = value ?? []; } = ["profile"];

    /// <summary>Whether the claims are asked for at the provider's userinfo address too, since its tokens hold few.</summary>
    public bool UserInfo { get; init; }

    /// <summary>The secret; null where there is none.</summary>
    [JsonIgnore]
    public string? ClientSecret { get; private init; }

    /// <summary>Reads the file, and the secret.</summary>
    /// <exception cref="InvalidDataException">It won't do; the message names the file and says why.</exception>
    public static IdentityProvider Read(string path)
    {
        try
        {
            var read = JsonSerializer.Deserialize<IdentityProvider>(File.ReadAllBytes(path), _json)
                ?? throw new InvalidDataException($"{path}: holds nothing.");
            var secret = read.ClientSecretFile is { } file
                ? File.ReadAllText(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, file)).Trim()
                : Environment.GetEnvironmentVariable(SecretVariable);
            return read.ProblemOf() is { } problem
                ? throw new InvalidDataException($"{path}: {problem}")
                : read with { ClientSecret = string.IsNullOrEmpty(secret) ? null : secret };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidDataException(
                $"{path}: can't be read as the configuration of a provider ({e.Message.TrimEnd('.')}); docs/viewer.md shows one.",
                e);
        }
    }

    /// <summary>Who somebody is whom the provider vouches for; null where his name or his role is missing.</summary>
    public Account? AccountOf(ClaimsPrincipal person)
    {
        var name = person.FindFirstValue(NameClaim);
        if (string.IsNullOrWhiteSpace(name) || name.Length > LongestName || name.Any(c => char.IsControl(c) || c is '\u202E' or '\u2066' or '\u2067'))
        {
            return null;
        }

        var values = ValuesOf(person).ToHashSet(StringComparer.Ordinal);
        var roles = Roles.Where(r => r.Value.Any(values.Contains)).Select(r => r.Key).ToList();
        return roles.Count == 0 ? null : new Account(name, roles.Max());
    }

    private string? ProblemOf() =>
        !Uri.TryCreate(Authority, UriKind.Absolute, out var address) ? "\"authority\" is no address."
        : address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && IsThisMachine(address))
            ? "\"authority\" must be an https address."
        : ClientId.Length == 0 ? "\"clientId\" is empty."
        : Roles.Count == 0 || Roles.Values.Any(v => v is null || v.Any(string.IsNullOrEmpty))
            ? "\"roles\" must tell which values of the claim give look, review and run, for example \"roles\": { \"look\": [\"pathology\"] }."
        : RoleClaim.Length == 0 || NameClaim.Length == 0 ? "\"roleClaim\" and \"nameClaim\" can't be empty."
        : null;

    private static bool IsThisMachine(Uri address) =>
        address.IsLoopback || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    private IEnumerable<string> ValuesOf(ClaimsPrincipal person)
    {
        // As it is first: a claim's own name may hold dots. Tokens give a claim a value, the userinfo address one text of them all.
        if (person.FindAll(RoleClaim).Select(c => c.Value).ToList() is { Count: > 0 } values)
        {
            return values.SelectMany(v => v.StartsWith('[') ? [v, .. Follow(v, [])] : (IReadOnlyList<string>)[v]);
        }

        var steps = RoleClaim.Split('.');
        return person.FindAll(steps[0]).SelectMany(c => Follow(c.Value, steps.AsSpan(1)));
    }

    private static IReadOnlyList<string> Follow(string json, ReadOnlySpan<string> steps)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var at = document.RootElement;
            foreach (var step in steps)
            {
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(step, out at))
                {
                    return [];
                }
            }

            return at.ValueKind switch
            {
                JsonValueKind.String => [at.GetString()!],
                JsonValueKind.Array => [.. at.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)],
                _ => [],
            };
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
