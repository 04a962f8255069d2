using System.Security.Cryptography;

namespace HoverFast.Server.Accounts;

/// <summary>Passwords as PBKDF2 with HMAC-SHA-512 and a salt of their own (NIST SP 800-132; OWASP's count of 210,000 rounds).</summary>
internal static class PasswordHash
{
    private const int Rounds = 210_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>The hash of nobody's password, so that unknown names take as long as known ones.</summary>
    public static string OfNobody { get; } = Of(Convert.ToHexString(RandomNumberGenerator.GetBytes(SaltBytes)));

    /// <summary>Hashes a password.</summary>
    public static string Of(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return $"{Rounds}.{Convert.ToBase64String(salt)}.{Convert.ToBase64String(Derive(password, salt, Rounds))}";
    }

    /// <summary>Whether a password is the one of a hash.</summary>
    public static bool Matches(string hash, string password)
    {
        var parts = hash.Split('.');
        return CryptographicOperations.FixedTimeEquals(
            Derive(password, Convert.FromBase64String(parts[1]), int.Parse(parts[0])),
            Convert.FromBase64String(parts[2]));
    }

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(password.Normalize(), salt, rounds, HashAlgorithmName.SHA512, HashBytes);
}
