namespace HoverFast.Server.Accounts;

/// <summary>What an account may do; each includes the ones before it.</summary>
internal enum Role
{
    /// <summary>See slides and nuclei.</summary>
    Look,

    /// <summary>Review nuclei too.</summary>
    Review,

    /// <summary>Start segmentations, train and promote models too, see label and macro pictures, and read the log.</summary>
    Run,
}
