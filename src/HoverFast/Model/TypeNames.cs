namespace HoverFast.Model;

/// <summary>Finds the type that a data set's name stands for.</summary>
internal static class TypeNames
{
    /// <summary>Index of the type that a name stands for: its own name, or one of its other names, in any case; -1 where there is none.</summary>
    /// <param name="types">The types.</param>
    /// <param name="name">The name.</param>
    public static int IndexOf(IReadOnlyList<ModelCard.NucleusType> types, string name)
    {
        for (var i = 0; i < types.Count; i++)
        {
            if (Same(types[i].Name, name) || (types[i].Also ?? []).Any(also => Same(also, name)))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
