using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HoverFast.Server.Tests.Accounts;

/// <summary>
/// An OpenID Connect provider as small as can be, with real tokens: it describes itself, hands out its key, gives codes for logins (here everybody is let in)
/// and tokens for codes, the latter only to who knows the secret and the verifier of the code (PKCE, RFC 7636).
/// </summary>
internal sealed class SmallProvider : IDisposable
{
    public const string ClientId = "hoverfast";
    public const string ClientSecret = "the client's secret";

    private readonly HttpListener _listener = new();
    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _strange = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, Dictionary<string, string>> _codes = new(StringComparer.Ordinal);

    public SmallProvider()
    {
        using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = Task.Run(ServeAsync);
    }

    /// <summary>What is wrong with the tokens that it gives.</summary>
    public enum Fault
    {
        None,
        WrongNonce,
        NoNonce,
        WrongAudience,
        WrongIssuer,
        Expired,
        NotYet,
        StrangeKey,
        Unsigned,
        NoSubject,
    }

    /// <summary>Its address.</summary>
    public string Address { get; }

    /// <summary>What is wrong.</summary>
    public Fault Wrong { get; set; }

    /// <summary>Claims of who logs in, beside those of the protocol.</summary>
    public JsonObject Claims { get; set; } = [];

    /// <summary>Claims that only its userinfo address tells.</summary>
    public JsonObject UserInfo { get; set; } = [];

    /// <summary>What tokens were refused for.</summary>
    public ConcurrentQueue<string> Refused { get; } = [];

    public void Dispose()
    {
        _listener.Close();
        _key.Dispose();
        _strange.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        switch (request.Url!.AbsolutePath)
        {
            case "/.well-known/openid-configuration":
                await WriteAsync(response, new JsonObject
                {
                    ["issuer"] = Address,
                    ["authorization_endpoint"] = Address + "/authorize",
                    ["token_endpoint"] = Address + "/token",
                    ["userinfo_endpoint"] = Address + "/userinfo",
                    ["jwks_uri"] = Address + "/keys",
                    ["response_types_supported"] = new JsonArray("code"),
                    ["subject_types_supported"] = new JsonArray("public"),
                    ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
                    ["code_challenge_methods_supported"] = new JsonArray("S256"),
                });
                break;
            case "/keys":
                var key = _key.ExportParameters(false);
                await WriteAsync(response, new JsonObject
                {
                    ["keys"] = new JsonArray(new JsonObject
                    {
                        ["kty"] = "RSA",
                        ["use"] = "sig",
                        ["alg"] = "RS256",
                        ["kid"] = "1",
                        ["n"] = Base64(key.Modulus!),
                        ["e"] = Base64(key.Exponent!),
                    }),
                });
                break;
            case "/authorize":
                var asked = request.QueryString.AllKeys.ToDictionary(k => k!, k => request.QueryString[k]!, StringComparer.Ordinal);
                var code = Base64(RandomNumberGenerator.GetBytes(16));
                _codes[code] = asked;
                response.Redirect($"{asked["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(asked["state"])}");
                response.Close();
                break;
            case "/token":
                using (var reader = new StreamReader(request.InputStream))
                {
                    await GiveTokenAsync(response, Form(await reader.ReadToEndAsync()));
                }

                break;
            case "/userinfo":
                var info = UserInfo.DeepClone();
                info["sub"] = "42";
                await WriteAsync(response, (JsonObject)info);
                break;
            default:
                response.StatusCode = 404;
                response.Close();
                break;
        }
    }

    private async Task GiveTokenAsync(HttpListenerResponse response, Dictionary<string, string> form)
    {
        var known = _codes.TryRemove(form.GetValueOrDefault("code", ""), out var asked);
        var challenge = Base64(SHA256.HashData(Encoding.ASCII.GetBytes(form.GetValueOrDefault("code_verifier", ""))));
        var problem =
            !known ? "code"
            : asked!["code_challenge_method"] != "S256" || asked["code_challenge"] != challenge ? "verifier"
            : form["client_id"] != ClientId || form["client_secret"] != ClientSecret ? "secret"
            : form["redirect_uri"] != asked["redirect_uri"] ? "address"
            : null;
        if (problem is not null)
        {
            Refused.Enqueue(problem);
            response.StatusCode = 400;
            await WriteAsync(response, new JsonObject { ["error"] = "invalid_grant" });
            return;
        }

        await WriteAsync(response, new JsonObject
        {
            ["access_token"] = "opaque",
            ["token_type"] = "Bearer",
            ["expires_in"] = 300,
            ["id_token"] = Token(asked!["nonce"]),
        });
    }

    private string Token(string nonce)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + (Wrong == Fault.Expired ? -3600 : Wrong == Fault.NotYet ? 3600 : 0);
        var payload = (JsonObject)Claims.DeepClone();
        payload["iss"] = Wrong == Fault.WrongIssuer ? "https://elsewhere.example" : Address;
        payload["aud"] = Wrong == Fault.WrongAudience ? "another client" : ClientId;
        payload["iat"] = now;
        payload["nbf"] = now;
        payload["exp"] = now + 300;
        if (Wrong != Fault.NoSubject)
        {
            payload["sub"] = "42";
        }

        if (Wrong != Fault.NoNonce)
        {
            payload["nonce"] = Wrong == Fault.WrongNonce ? nonce + "x" : nonce;
        }

        var header = new JsonObject { ["alg"] = Wrong == Fault.Unsigned ? "none" : "RS256", ["typ"] = "JWT", ["kid"] = "1" };
        var text = $"{Base64(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64(Encoding.UTF8.GetBytes(payload.ToJsonString()))}";
        var key = Wrong == Fault.StrangeKey ? _strange : _key;
        var signature = Wrong == Fault.Unsigned ? "" : Base64(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        return $"{text}.{signature}";
    }

    private static Dictionary<string, string> Form(string text) =>
        text.Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => WebUtility.UrlDecode(p[1]), StringComparer.Ordinal);

    private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static async Task WriteAsync(HttpListenerResponse response, JsonObject json)
    {
        response.ContentType = "application/json";
        await response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(json));
        response.Close();
    }
}
