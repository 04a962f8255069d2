using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace HoverFast.Server.Hosting;

/// <summary>The built page, read once: a request names one of these files exactly, so that no path of a client's ever reaches the disk.</summary>
internal sealed class PageFiles
{
    private static readonly Dictionary<string, string> _types = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".json"] = "application/json",
    };

    private const string Missing = """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>HoverFast</title><h1>The page was not built</h1>
        <p>This server was built where Node 20 or later was missing, or where the page's packages could not be fetched.
        Install Node 20, build <code>src/HoverFast.Server</code> anew and start the server again.
            Its interface under <code>/api</code> works all the same.</p></html>
        """;

    private readonly FrozenDictionary<string, (byte[] Bytes, string Type, string Tag)> _files;

    /// <summary>Reads the files.</summary>
    /// <param name="folder">The folder of the built page; it may be missing.</param>
    public PageFiles(string folder)
    {
        var files = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories) : [];
        _files = files.ToFrozenDictionary(f => "/" + Path.GetRelativePath(folder, f).Replace('\\', '/'), Read, StringComparer.Ordinal);
    }

    /// <summary>Whether the page was built.</summary>
    public bool IsThere => _files.ContainsKey("/index.html");

    /// <summary>Answers a request for a file of the page.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value is null or "/" ? "/index.html" : context.Request.Path.Value;
        if (!_files.TryGetValue(path, out var file))
        {
            if (path == "/index.html")
            {
                context.Response.ContentType = _types[".html"];
                await context.Response.WriteAsync(Missing);
                return;
            }

            await Answers.WriteAsync(context, StatusCodes.Status404NotFound, "There is no such page.");
            return;
        }

        // The names of all but the page itself hold a hash of what is in them.
        context.Response.Headers.CacheControl = path == "/index.html" ? "no-cache" : "public, max-age=31536000, immutable";
        await Results.Bytes(file.Bytes, file.Type, entityTag: new EntityTagHeaderValue(file.Tag)).ExecuteAsync(context);
    }

    private static (byte[] Bytes, string Type, string Tag) Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return (
            bytes,
            _types.GetValueOrDefault(Path.GetExtension(path), "application/octet-stream"),
            $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"");
    }
}
