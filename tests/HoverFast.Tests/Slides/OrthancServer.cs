using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>A real DICOM server with DICOMweb (Debian's orthanc and orthanc-dicomweb) on the loopback address, for one test.</summary>
internal sealed class OrthancServer : IDisposable
{
    private const string OpenSlide = "/usr/lib/x86_64-linux-gnu/libopenslide.so.0";
    private const string Plugins = "/usr/share/orthanc/plugins";

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;
    private readonly HttpClient _http = new();

    private OrthancServer()
    {
        var port = FreePort.Find();
        Root = $"http://127.0.0.1:{port}";
        var configuration = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["Name"] = "test",
            ["StorageDirectory"] = _folder.File("db"),
            ["IndexDirectory"] = _folder.File("db"),
            ["HttpPort"] = port,
            ["DicomServerEnabled"] = false,
            ["RemoteAccessAllowed"] = false,
            ["AuthenticationEnabled"] = false,
            ["Plugins"] = new[] { $"{Plugins}/libOrthancDicomWeb.so" },
            ["DicomWeb"] = new Dictionary<string, object>(StringComparer.Ordinal) { ["Enable"] = true, ["Root"] = "/dicom-web/" },
        };
        File.WriteAllText(_folder.File("orthanc.json"), JsonSerializer.Serialize(configuration));
        _process = Process.Start(
            new ProcessStartInfo(FindProgram("Orthanc"), [_folder.File("orthanc.json")])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Its own interface.</summary>
    public string Root { get; }

    /// <summary>Its DICOMweb services.</summary>
    public string DicomWeb => Root + "/dicom-web";

    /// <summary>Starts a server, or skips the calling test where the machine has none.</summary>
    public static async Task<OrthancServer> StartAsync(CancellationToken cancellation)
    {
        Assert.SkipUnless(
            FindProgram("Orthanc").Length > 0 && File.Exists($"{Plugins}/libOrthancDicomWeb.so"),
            "needs the DICOM server Orthanc (on Debian: apt-get install orthanc orthanc-dicomweb)");
        var server = new OrthancServer();
        try
        {
            for (var n = 0; ; n++)
            {
                try
                {
                    (await server._http.GetAsync($"{server.DicomWeb}/studies", cancellation)).EnsureSuccessStatusCode();
                    return server;
                }
                catch (HttpRequestException) when (n < 240 && !server._process.HasExited)
                {
                    await Task.Delay(250, cancellation);
                }
            }
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Has a slide put in by Orthanc's own dicomizer, or skips the calling test where the machine has none.</summary>
    /// <param name="slide">A slide that OpenSlide reads.</param>
    /// <param name="width">Its width in millimetres.</param>
    /// <param name="height">Its height in millimetres.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task DicomizeAsync(string slide, double width, double height, CancellationToken cancellation)
    {
        var program = FindProgram("OrthancWSIDicomizer");
        Assert.SkipWhen(
            program.Length == 0 || !File.Exists(OpenSlide),
            "needs Orthanc's dicomizer and OpenSlide (on Debian: apt-get install orthanc-wsi libopenslide0)");
        using var process = Process.Start(
            new ProcessStartInfo(
                program,
                [slide, "--openslide", OpenSlide, "--orthanc", Root + "/", "--imaged-width", Text(width), "--imaged-height", Text(height), "--max-size", "1"])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            }
        )!;
        var words = await process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        Assert.True(process.ExitCode == 0, words);
    }

    /// <summary>Stores a DICOM file.</summary>
    public async Task StoreAsync(byte[] file, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(file);
        (await _http.PostAsync($"{Root}/instances", content, cancellation)).EnsureSuccessStatusCode();
    }

    /// <summary>Writes all its instances into a folder.</summary>
    public async Task<string[]> ExportAsync(string folder, CancellationToken cancellation)
    {
        var identifiers = JsonSerializer.Deserialize<string[]>(await _http.GetStringAsync($"{Root}/instances", cancellation))!;
        foreach (var identifier in identifiers)
        {
            await File.WriteAllBytesAsync(
                Path.Combine(folder, identifier),
                await _http.GetByteArrayAsync($"{Root}/instances/{identifier}/file", cancellation),
                cancellation);
        }

        return [.. identifiers.Select(i => Path.Combine(folder, i))];
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.WaitForExit();
        _process.Dispose();
        _http.Dispose();
        _folder.Dispose();
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static string FindProgram(string name) =>
        new[] { "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin" }.Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists) ?? string.Empty;
}
