using HoverFast.Slides;

namespace HoverFast.Evaluation;

/// <summary>Adds up how far types agree, picture by picture.</summary>
/// <param name="types">Names of the types, type 1 first.</param>
/// <param name="mpp">Pixel size of the pictures.</param>
internal sealed class TypeTally(IReadOnlyList<string> types, Mpp mpp)
{
    private readonly List<string> _leftOut = [];

    /// <summary>All pictures together; null where none was counted.</summary>
    public TypeAgreement? Sum { get; private set; }

    /// <summary>Pictures that hold more nuclei than can be paired.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>Counts a picture.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="truth">True nuclei.</param>
    /// <param name="found">Nuclei found.</param>
    public void Add(string name, IReadOnlyList<TypedNucleus> truth, IReadOnlyList<TypedNucleus> found)
    {
        if (!CentroidAssignment.CanPair(truth.Count, found.Count))
        {
            _leftOut.Add(name);
            return;
        }

        var next = TypeAgreement.Of(truth, found, types, TypeAgreement.Radius / mpp.MicronsPerPixel);
        Sum = Sum is null ? next : Sum + next;
    }
}
