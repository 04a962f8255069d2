using System.Security.Cryptography;
using HoverFast.Files;

namespace HoverFast.Jobs;

/// <summary>
/// Signs manifests with a laboratory's own key: ECDSA on the curve P-256 over SHA-256, base 64 in <c>NAME.manifest.json.sig</c>. Keys are PEM files.
/// </summary>
internal static class ResultSignature
{
    private const long MostBytes = 1 << 20;

    /// <summary>The place of a manifest's signature.</summary>
    public static string PathFor(string manifest) => manifest + ".sig";

    /// <summary>Signs a manifest.</summary>
    /// <param name="manifest">The manifest's file.</param>
    /// <param name="key">The private key.</param>
    public static void Write(string manifest, ECDsa key) =>
        PartialFile.WriteText(PathFor(manifest), Convert.ToBase64String(key.SignData(RegularFile.ReadAllBytes(manifest), HashAlgorithmName.SHA256)) + "\n");

    /// <summary>Whether a manifest's signature fits a key; false too where there is none.</summary>
    public static bool Fits(string manifest, ECDsa key)
    {
        try
        {
            return key.VerifyData(
                RegularFile.ReadAllBytes(manifest),
                Convert.FromBase64String(RegularFile.ReadAllText(PathFor(manifest), MostBytes).Trim()),
                HashAlgorithmName.SHA256);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Reads a key.</summary>
    /// <exception cref="IOException">It is missing, or no key on P-256.</exception>
    public static ECDsa ReadKey(string path)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(RegularFile.ReadAllText(path, MostBytes));
            return key.KeySize == 256 ? key : throw new ArgumentException($"it has {key.KeySize} bits.");
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new IOException(
                $"{path}: is no key of the curve P-256 in PEM ({e.Message.TrimEnd('.')}); make one with: openssl ecparam -name prime256v1 -genkey -noout -out key.pem",
                e);
        }
    }
}
