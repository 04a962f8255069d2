using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HoverFast.Output.Dicom;

/// <summary>Identifiers of DICOM objects that follow from what they name, so that a second run gives them again.</summary>
internal static class DicomUid
{
    /// <summary>A UUID of version 8 (RFC 9562) from a hash, as an object identifier under 2.25 (PS3.5 annex B.2).</summary>
    /// <param name="of">What the object follows from, for example a slide's fingerprint.</param>
    /// <param name="role">What the object is, for example "study".</param>
    public static string From(string of, string role)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{of}; {role}"), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return "2.25." + BinaryPrimitives.ReadUInt128BigEndian(hash).ToString(CultureInfo.InvariantCulture);
    }
}
