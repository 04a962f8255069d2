using HoverFast.Server.Hosting;
using HoverFast.Server.Nuclei;
using HoverFast.Server.Slides;
using Microsoft.Data.Sqlite;

namespace HoverFast.Server.Jobs;

/// <summary>Makes what a job has written known to the rest of the server.</summary>
internal sealed class NewResults(SlideCatalogue catalogue, NucleusIndexes indexes, ILogger<NewResults> logger)
{
    /// <summary>A job has ended.</summary>
    /// <param name="name">The result that it made, whose nuclei begin to be indexed, so that who opens it finds its outlines there; null for none.</param>
    public void Changed(string? name)
    {
        catalogue.Forget();
        if (name is null)
        {
            return;
        }

        try
        {
            indexes.Find(catalogue.Require(SlideCatalogue.IdOf(name)));
        }
        catch (Exception e) when (e is RequestException or IOException or SqliteException)
        {
            logger.LogWarning(e, "The nuclei of {Name} can't be indexed yet.", name);
        }
    }
}
