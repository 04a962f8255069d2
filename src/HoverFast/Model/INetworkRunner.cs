using HoverFast.Slides;

namespace HoverFast.Model;

/// <summary>An engine beside <see cref="Engine.IntegerEngine"/> that runs a model's network. Any number of threads may call it at once.</summary>
internal interface INetworkRunner : IDisposable
{
    /// <summary>Its name, for people.</summary>
    string Name { get; }

    /// <summary>What the maps' last bits depend on, in the keys of results.</summary>
    string Key => Name;

    /// <summary>Fills the maps of a tile.</summary>
    /// <param name="image">The tile; its sides suit the network.</param>
    /// <param name="maps">Maps of the size that <see cref="NucleusModel.Run(RgbImage)"/> gives.</param>
    void Run(RgbImage image, NucleusMaps maps);
}
