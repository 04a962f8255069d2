namespace HoverFast.Jobs;

/// <summary>The kinds of files that a result can have.</summary>
public enum ResultKind
{
    /// <summary>QuPath's objects: <c>NAME.geojson.gz</c>.</summary>
    GeoJson,

    /// <summary>A row a nucleus: <c>NAME.csv</c>.</summary>
    Csv,

    /// <summary>A row a nucleus: <c>NAME.parquet</c>.</summary>
    Parquet,

    /// <summary>A label image at full resolution: <c>NAME.labels.tif</c>, for pictures <c>NAME.labels.png</c>.</summary>
    Labels,

    /// <summary>A picture with outlines: <c>NAME.overlay.png</c>.</summary>
    Overlay,

    /// <summary>Nuclear density over the slide: <c>NAME.overview.png</c>.</summary>
    Overview,

    /// <summary>DICOM Microscopy Bulk Simple Annotations: <c>NAME.ann.dcm</c>.</summary>
    DicomAnnotations,

    /// <summary>An annotation of the Digital Slide Archive: <c>NAME.dsa.json</c>.</summary>
    Dsa,

    /// <summary>What is to be expected of the slide and of each field of it, without labels: <c>NAME.quality.json</c>.</summary>
    Quality,

    /// <summary>Expected accuracy drawn over the slide: <c>NAME.quality.png</c>.</summary>
    QualityMap,

    /// <summary>The fields that are not to be counted on, as QuPath's annotations: <c>NAME.quality.geojson</c>.</summary>
    QualityRegions,

    /// <summary>The network's maps: <c>NAME.maps.tif</c>.</summary>
    Maps,
}
