namespace HoverFast.Slides.Dicom;

/// <summary>An element's tag (PS3.6), group and element in one number. Names are those of the standard, shortened where nothing else can be meant.</summary>
internal readonly record struct DicomTag(uint Number) : IComparable<DicomTag>
{
    private static readonly Dictionary<uint, DicomVr> _representations = [];

    public static readonly DicomTag MetaLength = Make(0x00020000, DicomVr.UL);
    public static readonly DicomTag MetaVersion = Make(0x00020001, DicomVr.OB);
    public static readonly DicomTag MediaStorageSopClass = Make(0x00020002, DicomVr.UI);
    public static readonly DicomTag MediaStorageSopInstance = Make(0x00020003, DicomVr.UI);
    public static readonly DicomTag TransferSyntax = Make(0x00020010, DicomVr.UI);
    public static readonly DicomTag ImplementationClass = Make(0x00020012, DicomVr.UI);
    public static readonly DicomTag ImplementationVersion = Make(0x00020013, DicomVr.SH);
    public static readonly DicomTag DirectoryRecords = Make(0x00041220, DicomVr.SQ);
    public static readonly DicomTag DirectoryRecordType = Make(0x00041430, DicomVr.CS);
    public static readonly DicomTag ReferencedFile = Make(0x00041500, DicomVr.CS);
    public static readonly DicomTag CharacterSet = Make(0x00080005, DicomVr.CS);
    public static readonly DicomTag ImageType = Make(0x00080008, DicomVr.CS);
    public static readonly DicomTag SopClass = Make(0x00080016, DicomVr.UI);
    public static readonly DicomTag SopInstance = Make(0x00080018, DicomVr.UI);
    public static readonly DicomTag PyramidInstance = Make(0x00080019, DicomVr.UI);
    public static readonly DicomTag StudyDate = Make(0x00080020, DicomVr.DA);
    public static readonly DicomTag ContentDate = Make(0x00080023, DicomVr.DA);
    public static readonly DicomTag StudyTime = Make(0x00080030, DicomVr.TM);
    public static readonly DicomTag ContentTime = Make(0x00080033, DicomVr.TM);
    public static readonly DicomTag AccessionNumber = Make(0x00080050, DicomVr.SH);
    public static readonly DicomTag IssuerOfAccessionNumber = Make(0x00080051, DicomVr.SQ);
    public static readonly DicomTag Modality = Make(0x00080060, DicomVr.CS);
    public static readonly DicomTag Manufacturer = Make(0x00080070, DicomVr.LO);
    public static readonly DicomTag ReferringPhysician = Make(0x00080090, DicomVr.PN);
    public static readonly DicomTag CodeValue = Make(0x00080100, DicomVr.SH);
    public static readonly DicomTag CodingScheme = Make(0x00080102, DicomVr.SH);
    public static readonly DicomTag CodeMeaning = Make(0x00080104, DicomVr.LO);
    public static readonly DicomTag TimezoneOffset = Make(0x00080201, DicomVr.SH);
    public static readonly DicomTag StudyDescription = Make(0x00081030, DicomVr.LO);
    public static readonly DicomTag SeriesDescription = Make(0x0008103E, DicomVr.LO);
    public static readonly DicomTag ModelName = Make(0x00081090, DicomVr.LO);
    public static readonly DicomTag ReferencedSeries = Make(0x00081115, DicomVr.SQ);
    public static readonly DicomTag ReferencedImages = Make(0x00081140, DicomVr.SQ);
    public static readonly DicomTag ReferencedInstances = Make(0x0008114A, DicomVr.SQ);
    public static readonly DicomTag ReferencedSopClass = Make(0x00081150, DicomVr.UI);
    public static readonly DicomTag ReferencedSopInstance = Make(0x00081155, DicomVr.UI);
    public static readonly DicomTag AvailableTransferSyntax = Make(0x00083002, DicomVr.UI);
    public static readonly DicomTag PatientName = Make(0x00100010, DicomVr.PN);
    public static readonly DicomTag PatientId = Make(0x00100020, DicomVr.LO);
    public static readonly DicomTag IssuerOfPatientId = Make(0x00100021, DicomVr.LO);
    public static readonly DicomTag IssuerOfPatientIdQualifiers = Make(0x00100024, DicomVr.SQ);
    public static readonly DicomTag PatientBirthDate = Make(0x00100030, DicomVr.DA);
    public static readonly DicomTag PatientSex = Make(0x00100040, DicomVr.CS);
    public static readonly DicomTag PatientAge = Make(0x00101010, DicomVr.AS);
    public static readonly DicomTag PatientIdentityRemoved = Make(0x00120062, DicomVr.CS);
    public static readonly DicomTag DeidentificationMethod = Make(0x00120063, DicomVr.LO);
    public static readonly DicomTag DeidentificationMethodCodes = Make(0x00120064, DicomVr.SQ);
    public static readonly DicomTag DeviceSerialNumber = Make(0x00181000, DicomVr.LO);
    public static readonly DicomTag SoftwareVersions = Make(0x00181020, DicomVr.LO);
    public static readonly DicomTag StudyInstance = Make(0x0020000D, DicomVr.UI);
    public static readonly DicomTag SeriesInstance = Make(0x0020000E, DicomVr.UI);
    public static readonly DicomTag StudyId = Make(0x00200010, DicomVr.SH);
    public static readonly DicomTag SeriesNumber = Make(0x00200011, DicomVr.IS);
    public static readonly DicomTag InstanceNumber = Make(0x00200013, DicomVr.IS);
    public static readonly DicomTag FrameOfReference = Make(0x00200052, DicomVr.UI);
    public static readonly DicomTag Laterality = Make(0x00200060, DicomVr.CS);
    public static readonly DicomTag ConcatenationSource = Make(0x00200242, DicomVr.UI);
    public static readonly DicomTag Concatenation = Make(0x00209161, DicomVr.UI);
    public static readonly DicomTag InConcatenationNumber = Make(0x00209162, DicomVr.US);
    public static readonly DicomTag InConcatenationTotal = Make(0x00209163, DicomVr.US);
    public static readonly DicomTag ConcatenationFrameOffset = Make(0x00209228, DicomVr.UL);
    public static readonly DicomTag DimensionOrganization = Make(0x00209311, DicomVr.CS);
    public static readonly DicomTag IlluminationTypeCodes = Make(0x00220016, DicomVr.SQ);
    public static readonly DicomTag AlgorithmSource = Make(0x00240202, DicomVr.LO);
    public static readonly DicomTag SamplesPerPixel = Make(0x00280002, DicomVr.US);
    public static readonly DicomTag Photometric = Make(0x00280004, DicomVr.CS);
    public static readonly DicomTag PlanarConfiguration = Make(0x00280006, DicomVr.US);
    public static readonly DicomTag NumberOfFrames = Make(0x00280008, DicomVr.IS);
    public static readonly DicomTag Rows = Make(0x00280010, DicomVr.US);
    public static readonly DicomTag Columns = Make(0x00280011, DicomVr.US);
    public static readonly DicomTag PixelSpacing = Make(0x00280030, DicomVr.DS);
    public static readonly DicomTag BitsAllocated = Make(0x00280100, DicomVr.US);
    public static readonly DicomTag BitsStored = Make(0x00280101, DicomVr.US);
    public static readonly DicomTag HighBit = Make(0x00280102, DicomVr.US);
    public static readonly DicomTag PixelRepresentation = Make(0x00280103, DicomVr.US);
    public static readonly DicomTag IccProfile = Make(0x00282000, DicomVr.OB);
    public static readonly DicomTag PixelMeasures = Make(0x00289110, DicomVr.SQ);
    public static readonly DicomTag ZOffset = Make(0x0040074A, DicomVr.DS);
    public static readonly DicomTag MeasurementUnits = Make(0x004008EA, DicomVr.SQ);
    public static readonly DicomTag ConceptName = Make(0x0040A043, DicomVr.SQ);
    public static readonly DicomTag AnnotationGroupNumber = Make(0x0040A180, DicomVr.US);
    public static readonly DicomTag ImagedWidth = Make(0x00480001, DicomVr.FL);
    public static readonly DicomTag ImagedHeight = Make(0x00480002, DicomVr.FL);
    public static readonly DicomTag TotalColumns = Make(0x00480006, DicomVr.UL);
    public static readonly DicomTag TotalRows = Make(0x00480007, DicomVr.UL);
    public static readonly DicomTag SpecimenLabelInImage = Make(0x00480010, DicomVr.CS);
    public static readonly DicomTag OpticalPathSequence = Make(0x00480105, DicomVr.SQ);
    public static readonly DicomTag OpticalPathIdentifier = Make(0x00480106, DicomVr.SH);
    public static readonly DicomTag ObjectiveLensPower = Make(0x00480112, DicomVr.DS);
    public static readonly DicomTag OpticalPathIdentification = Make(0x00480207, DicomVr.SQ);
    public static readonly DicomTag PlanePositionSlide = Make(0x0048021A, DicomVr.SQ);
    public static readonly DicomTag ColumnPosition = Make(0x0048021E, DicomVr.SL);
    public static readonly DicomTag RowPosition = Make(0x0048021F, DicomVr.SL);
    public static readonly DicomTag PixelOrigin = Make(0x00480301, DicomVr.CS);
    public static readonly DicomTag OpticalPaths = Make(0x00480302, DicomVr.UL);
    public static readonly DicomTag FocalPlanes = Make(0x00480303, DicomVr.UL);
    public static readonly DicomTag PointCoordinates = Make(0x00660016, DicomVr.OF);
    public static readonly DicomTag DoublePointCoordinates = Make(0x00660022, DicomVr.OD);
    public static readonly DicomTag AlgorithmFamily = Make(0x0066002F, DicomVr.SQ);
    public static readonly DicomTag AlgorithmVersion = Make(0x00660031, DicomVr.LO);
    public static readonly DicomTag AlgorithmParameters = Make(0x00660032, DicomVr.LT);
    public static readonly DicomTag AlgorithmName = Make(0x00660036, DicomVr.LO);
    public static readonly DicomTag PointIndices = Make(0x00660040, DicomVr.OL);
    public static readonly DicomTag Measurements = Make(0x00660121, DicomVr.SQ);
    public static readonly DicomTag FloatingPointValues = Make(0x00660125, DicomVr.OF);
    public static readonly DicomTag MeasurementValues = Make(0x00660132, DicomVr.SQ);
    public static readonly DicomTag AnnotationCoordinateType = Make(0x006A0001, DicomVr.CS);
    public static readonly DicomTag AnnotationGroups = Make(0x006A0002, DicomVr.SQ);
    public static readonly DicomTag AnnotationGroupUid = Make(0x006A0003, DicomVr.UI);
    public static readonly DicomTag AnnotationGroupLabel = Make(0x006A0005, DicomVr.LO);
    public static readonly DicomTag AnnotationGroupGeneration = Make(0x006A0007, DicomVr.CS);
    public static readonly DicomTag AnnotationGroupAlgorithm = Make(0x006A0008, DicomVr.SQ);
    public static readonly DicomTag AnnotationPropertyCategory = Make(0x006A0009, DicomVr.SQ);
    public static readonly DicomTag AnnotationPropertyType = Make(0x006A000A, DicomVr.SQ);
    public static readonly DicomTag NumberOfAnnotations = Make(0x006A000C, DicomVr.UL);
    public static readonly DicomTag AnnotationAllOpticalPaths = Make(0x006A000D, DicomVr.CS);
    public static readonly DicomTag AnnotationIndices = Make(0x006A0011, DicomVr.OL);
    public static readonly DicomTag GraphicType = Make(0x00700023, DicomVr.CS);
    public static readonly DicomTag ContentLabel = Make(0x00700080, DicomVr.CS);
    public static readonly DicomTag ContentDescription = Make(0x00700081, DicomVr.LO);
    public static readonly DicomTag ContentCreator = Make(0x00700084, DicomVr.PN);
    public static readonly DicomTag SharedGroups = Make(0x52009229, DicomVr.SQ);
    public static readonly DicomTag PerFrameGroups = Make(0x52009230, DicomVr.SQ);
    public static readonly DicomTag ExtendedOffsetTable = Make(0x7FE00001, DicomVr.OV);
    public static readonly DicomTag ExtendedOffsetTableLengths = Make(0x7FE00002, DicomVr.OV);
    public static readonly DicomTag PixelData = Make(0x7FE00010, DicomVr.OW);
    public static readonly DicomTag Item = Make(0xFFFEE000, DicomVr.None);
    public static readonly DicomTag ItemEnd = Make(0xFFFEE00D, DicomVr.None);
    public static readonly DicomTag SequenceEnd = Make(0xFFFEE0DD, DicomVr.None);

    /// <summary>The upper half.</summary>
    public ushort Group => (ushort)(Number >> 16);

    /// <summary>The lower half.</summary>
    public ushort Element => (ushort)Number;

    /// <summary>How values of this tag are represented, as far as it is named here; unknown otherwise. Files of implicit representation don't say it.</summary>
    public DicomVr Vr => _representations.GetValueOrDefault(Number, DicomVr.UN);

    /// <summary>The first in a file comes first.</summary>
    public int CompareTo(DicomTag other) => Number.CompareTo(other.Number);

    /// <summary>For example "(0028,0010)".</summary>
    public override string ToString() => $"({Group:X4},{Element:X4})";

    private static DicomTag Make(uint number, DicomVr vr)
    {
        _representations[number] = vr;
        return new DicomTag(number);
    }
}
