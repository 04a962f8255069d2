using System.Security.Cryptography;
using System.Text;
using HoverFast.Slides.Dicom;

namespace HoverFast.Slides.DicomWeb;

/// <summary>
/// A DICOM slide on a server, read over WADO-RS (PS3.18 section 10.4): the metadata of its series at once, its frames as they are needed, none of them twice
/// soon.
/// </summary>
internal static class DicomWebSlide
{
    private const long CacheBytes = 64L << 20;
    private const string Json = "application/dicom+json";

    /// <summary>Opens the slide at an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="cancellation">Ends all requests, while the slide is open too.</param>
    /// <exception cref="SlideException">The server can't be reached or refuses, or has no slide there that can be read.</exception>
    public static ISlide OpenUntilStopped(string address, CancellationToken cancellation)
    {
        var parsed = new DicomWebAddress(address);
        var authorization = DicomWebCredentials.For(new Uri(parsed.Root).Host, Environment.GetEnvironmentVariable);
        return OpenUntilStopped(parsed, authorization, null, null, cancellation);
    }

    /// <summary>Opens the slide at an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="authorization">The Authorization header, or null.</param>
    /// <param name="pause">The first pause before a failed request is repeated.</param>
    /// <param name="longest">How long an answer may take.</param>
    public static ISlide Open(DicomWebAddress address, string? authorization, TimeSpan? pause = null, TimeSpan? longest = null) =>
        OpenUntilStopped(address, authorization, pause, longest, CancellationToken.None);

    private static ISlide OpenUntilStopped(
        DicomWebAddress address,
        string? authorization,
        TimeSpan? pause,
        TimeSpan? longest,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(address);
        var client = new DicomWebClient(address.ToString(), authorization, pause, longest, cancellation);
        try
        {
            var series = $"{address.StudyAddress}/series/{address.Series ?? OnlySeries(address, client)}";
            var instances = Instances(series, client);
            var slides = DicomCatalogue.Slides(instances.Select(i => new DicomHeader(i.Name, i.Elements)));
            if (slides is not [var slide])
            {
                throw new SlideException(address.ToString(), slides.Count == 0
                    ? $"the series holds no picture of a slide's tissue (VOLUME) among its {instances.Count} instances."
                    : $"the series holds {slides.Count} slides, which isn't supported.");
            }

            var members = slide.Select(h => instances.Find(i => i.Name == h.Path)!).ToList();
            foreach (var parts in members.GroupBy(DicomConcatenation.IdentityOf, StringComparer.Ordinal))
            {
                foreach (var part in parts)
                {
                    part.SettleSyntax(parts.First());
                }
            }

            return DicomPyramid.Open(address.ToString(), "DICOMweb", members[0], members, client, IdentityOf(members));
        }
        catch (Exception e)
        {
            client.Dispose();
            if (e is InvalidDataException or NotSupportedException or IOException)
            {
                throw new SlideException(address.ToString(), $"the DICOM slide can't be read: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>A study's only series of slide microscopy.</summary>
    private static string OnlySeries(DicomWebAddress address, DicomWebClient client)
    {
        var series = client
            .GetAsync($"{address.StudyAddress}/series", [Json], static (body, _, _) => Task.FromResult(new DicomJson(body).ReadArray().ToList()))
            .GetAwaiter()
            .GetResult();
        string[] slides = [.. series.Where(s => s.Text(DicomTag.Modality) == "SM").Select(s => s.Text(DicomTag.SeriesInstance)).Order(StringComparer.Ordinal)];
        return slides is [var only]
            ? only
            : throw new SlideException(
                address.ToString(),
                slides.Length == 0
                    ? $"the study holds no series of slide microscopy (SM) among its {series.Count}."
                    : $"the study holds {slides.Length} series of slide microscopy; name one: {string.Join(", ", slides.Take(10))}{(slides.Length > 10 ? " ..." : "")}.");
    }

    private static List<DicomWebInstance> Instances(string series, DicomWebClient client)
    {
        var cache = new FrameCache(CacheBytes);
        return client.GetAsync($"{series}/metadata", [Json], (body, _, _) =>
        {
            var instances = new List<DicomWebInstance>();
            var placements = new DicomPlacements();
            var sets = new DicomJson(body).ReadArray(() =>
            {
                placements = new DicomPlacements();
                return new Dictionary<DicomTag, Action<DicomDataSet>> { [DicomTag.PerFrameGroups] = placements.Add };
            });
            foreach (var set in sets)
            {
                instances.Add(new DicomWebInstance(series, set, placements, client, cache));
            }

            return Task.FromResult(instances);
        }).GetAwaiter().GetResult();
    }

    /// <summary>Instances never change under the same UID: theirs identify the slide.</summary>
    private static string IdentityOf(List<DicomWebInstance> instances)
    {
        var text = string.Join(
            '\n',
            instances.Select(i => i.Elements.Text(DicomTag.SopInstance) + " " + i.Elements.Text(DicomTag.NumberOfFrames)).Order(StringComparer.Ordinal));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
