namespace HoverFast.Slides.Dicom;

/// <summary>The DICOM elements that whole-slide pictures need (PS3.3, A.32.8), group and element in one number.</summary>
internal static class DicomTag
{
    public const uint TransferSyntax = 0x00020010;
    public const uint ImageType = 0x00080008;
    public const uint SopClass = 0x00080016;
    public const uint SeriesInstance = 0x0020000E;
    public const uint DimensionOrganization = 0x00209311;
    public const uint SamplesPerPixel = 0x00280002;
    public const uint Photometric = 0x00280004;
    public const uint PlanarConfiguration = 0x00280006;
    public const uint NumberOfFrames = 0x00280008;
    public const uint Rows = 0x00280010;
    public const uint Columns = 0x00280011;
    public const uint PixelSpacing = 0x00280030;
    public const uint BitsAllocated = 0x00280100;
    public const uint TotalColumns = 0x00480006;
    public const uint TotalRows = 0x00480007;
    public const uint OpticalPaths = 0x00480302;
    public const uint FocalPlanes = 0x00480303;

    /// <summary>Whether an element's value is worth keeping.</summary>
    public static bool IsWanted(uint tag) => tag is TransferSyntax or ImageType or SopClass or SeriesInstance or DimensionOrganization
        or SamplesPerPixel or Photometric or PlanarConfiguration or NumberOfFrames or Rows or Columns or PixelSpacing or BitsAllocated
        or TotalColumns or TotalRows or OpticalPaths or FocalPlanes;
}
