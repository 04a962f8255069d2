using System.Security.Cryptography;
using System.Text;
using HoverFast.Files;

namespace HoverFast.Jobs;

/// <summary>
/// Signs manifests and validations with a laboratory's own key: ECDSA on the curve P-256 over SHA-256, as OpenSSL writes it (DER), base 64 in
/// <c>NAME.manifest.json.sig</c> and <c>validation.json.sig</c>. Keys are PEM files.
/// </summary>
internal static class ResultSignature
{
    private const long MostBytes = 1 << 20;

    // The first is what OpenSSL and others check; the second is how earlier versions signed.
    private static readonly DSASignatureFormat[] _formats = [DSASignatureFormat.Rfc3279DerSequence, DSASignatureFormat.IeeeP1363FixedFieldConcatenation];

    /// <summary>The files of a folder that are signed, with the name that the audit log has for each: its manifests, and its validation.</summary>
    public static IEnumerable<(string Path, string Name)> Signable(string folder)
    {
        var validation = Path.Combine(folder, ValidationReport.FileName);
        return
        [
            .. Manifest.PathsIn(folder).Select(m => (m, Manifest.NameOf(m))),
            .. File.Exists(validation) ? [(validation, ValidationReport.FileName)] : Array.Empty<(string, string)>(),
        ];
    }

    /// <summary>The place of a file's signature.</summary>
    public static string PathFor(string file) => file + ".sig";

    /// <summary>Signs a file.</summary>
    /// <param name="file">The manifest or validation.</param>
    /// <param name="key">The private key.</param>
    /// <exception cref="IOException">The key is a public one.</exception>
    public static void Write(string file, ECDsa key)
    {
        byte[] signature;
        try
        {
            signature = key.SignData(RegularFile.ReadAllBytes(file), HashAlgorithmName.SHA256, _formats[0]);
        }
        catch (CryptographicException e)
        {
            throw new IOException($"{file}: can't be signed with this key ({e.Message.TrimEnd('.')}); signing takes the private key.", e);
        }

        // As all files of results: a pipe in its place would be waited for.
        PartialFile.Write(PathFor(file), sig => sig.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(signature) + "\n")));
    }

    /// <summary>Whether a file's signature fits a key; false too where there is none.</summary>
    public static bool Fits(string file, ECDsa key)
    {
        try
        {
            var signature = Convert.FromBase64String(RegularFile.ReadAllText(PathFor(file), MostBytes).Trim());
            var signed = RegularFile.ReadAllBytes(file);
            return _formats.Any(format => key.VerifyData(signed, signature, HashAlgorithmName.SHA256, format));
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
            var parameters = key.ExportParameters(includePrivateParameters: false).Curve;
            var curve = parameters.IsNamed ? parameters.Oid : throw new ArgumentException("it spells its curve out and doesn't name it.");
            return curve.Value == ECCurve.NamedCurves.nistP256.Oid.Value ? key : throw new ArgumentException($"it is of {curve.FriendlyName ?? curve.Value}.");
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
