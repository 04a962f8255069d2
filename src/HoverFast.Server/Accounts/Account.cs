namespace HoverFast.Server.Accounts;

/// <summary>Who may use the server.</summary>
/// <param name="Name">Letters, digits, dots, dashes, underscores and @.</param>
/// <param name="Role">What the account may do.</param>
internal sealed record Account(string Name, Role Role)
{
    /// <summary>Who uses a server without accounts: only this machine reaches it.</summary>
    public static Account Local { get; } = new("local", Role.Run);
}
