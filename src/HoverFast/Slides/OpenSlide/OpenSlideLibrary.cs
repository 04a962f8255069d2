using System.Runtime.InteropServices;

namespace HoverFast.Slides.OpenSlide;

/// <summary>The OpenSlide library (version 3.4 or 4), where the machine has it. Found when first needed; nothing is shipped.</summary>
internal sealed unsafe class OpenSlideLibrary
{
    /// <summary>What to tell a user whose file needs the library.</summary>
    public const string HowToInstall =
        "Install the OpenSlide library and run again: \"apt-get install libopenslide0\" on Debian and Ubuntu (libopenslide1 on newer ones), " +
        "\"brew install openslide\" on macOS; on Windows put the DLLs of openslide.org beside the program.";

    private static readonly Lazy<OpenSlideLibrary?> _installed = new(TryLoad);

    private OpenSlideLibrary(nint library)
    {
        Open = (delegate* unmanaged<byte*, nint>)NativeLibrary.GetExport(library, "openslide_open");
        Close = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "openslide_close");
        Error = (delegate* unmanaged<nint, byte*>)NativeLibrary.GetExport(library, "openslide_get_error");
        LevelCount = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "openslide_get_level_count");
        LevelDimensions = (delegate* unmanaged<nint, int, long*, long*, void>)NativeLibrary.GetExport(library, "openslide_get_level_dimensions");
        LevelDownsample = (delegate* unmanaged<nint, int, double>)NativeLibrary.GetExport(library, "openslide_get_level_downsample");
        ReadRegion = (delegate* unmanaged<nint, uint*, long, long, int, long, long, void>)NativeLibrary.GetExport(library, "openslide_read_region");
        AssociatedNames = (delegate* unmanaged<nint, byte**>)NativeLibrary.GetExport(library, "openslide_get_associated_image_names");
        AssociatedSize = (delegate* unmanaged<nint, byte*, long*, long*, void>)NativeLibrary.GetExport(library, "openslide_get_associated_image_dimensions");
        ReadAssociated = (delegate* unmanaged<nint, byte*, uint*, void>)NativeLibrary.GetExport(library, "openslide_read_associated_image");
        Property = (delegate* unmanaged<nint, byte*, byte*>)NativeLibrary.GetExport(library, "openslide_get_property_value");
    }

    /// <summary>The library, or null where it isn't installed.</summary>
    public static OpenSlideLibrary? Installed => _installed.Value;

    public delegate* unmanaged<byte*, nint> Open { get; }

    public delegate* unmanaged<nint, void> Close { get; }

    public delegate* unmanaged<nint, byte*> Error { get; }

    public delegate* unmanaged<nint, int> LevelCount { get; }

    public delegate* unmanaged<nint, int, long*, long*, void> LevelDimensions { get; }

    public delegate* unmanaged<nint, int, double> LevelDownsample { get; }

    public delegate* unmanaged<nint, uint*, long, long, int, long, long, void> ReadRegion { get; }

    public delegate* unmanaged<nint, byte*, byte*> Property { get; }

    public delegate* unmanaged<nint, byte**> AssociatedNames { get; }

    public delegate* unmanaged<nint, byte*, long*, long*, void> AssociatedSize { get; }

    public delegate* unmanaged<nint, byte*, uint*, void> ReadAssociated { get; }

    private static OpenSlideLibrary? TryLoad()
    {
        string[] names =
            OperatingSystem.IsWindows() ? ["libopenslide-1.dll", "libopenslide-0.dll"]
            : OperatingSystem.IsMacOS()
                ? ["libopenslide.1.dylib", "libopenslide.0.dylib", "/opt/homebrew/lib/libopenslide.dylib", "/usr/local/lib/libopenslide.dylib"]
            : ["libopenslide.so.1", "libopenslide.so.0"];
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                return new OpenSlideLibrary(library);
            }
        }

        return null;
    }
}
