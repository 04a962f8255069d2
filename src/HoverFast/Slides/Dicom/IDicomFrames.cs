using System.Buffers;

namespace HoverFast.Slides.Dicom;

/// <summary>The frames of one DICOM instance, as they are stored. Thread safe.</summary>
internal interface IDicomFrames
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>Bytes that they may take as they are stored: those of their file.</summary>
    long Length { get; }

    /// <summary>Fetches one frame's bytes: pixels, or a JPEG or JPEG 2000 stream. Empty where the frame is absent. Dispose them when done.</summary>
    /// <param name="frame">Counted from 0.</param>
    /// <exception cref="InvalidDataException">The frame is damaged or absurdly large.</exception>
    IMemoryOwner<byte> Read(int frame);

    /// <summary>Says which frames will be read next, so that they can be fetched at once.</summary>
    void Announce(IEnumerable<int> frames)
    {
    }
}
