using HoverFast.Slides;

namespace HoverFast.Model;

/// <summary>The memory that test-time augmentation takes, kept from one picture to the next: fresh memory is dear.</summary>
/// <param name="picture">The picture's sides.</param>
/// <param name="maps">The sides of its maps.</param>
/// <param name="tellsDisagreement">Whether it is asked how far the views disagree.</param>
internal sealed class AugmentationBuffers(PixelSize picture, PixelSize maps, bool tellsDisagreement)
{
    private RgbImage? _sameSides;
    private RgbImage? _otherSides;

    /// <summary>Sums of the answers.</summary>
    public MapSums Sums { get; } = new(maps.Width, maps.Height, tellsDisagreement);

    /// <summary>An answer, turned back.</summary>
    public NucleusMaps Inverted { get; } = new(maps.Width, maps.Height);

    /// <summary>Whether it suits a picture and its maps.</summary>
    public bool Suits(PixelSize otherPicture, PixelSize otherMaps, bool alsoDisagreement) =>
        otherPicture == picture && otherMaps == maps && Sums.TellsDisagreement == alsoDisagreement;

    /// <summary>Where a view of the picture goes.</summary>
    public RgbImage Picture(TestTimeAugmentation view) => view.Transposed
        ? _otherSides ??= new RgbImage(picture.Height, picture.Width)
        : _sameSides ??= new RgbImage(picture.Width, picture.Height);
}
