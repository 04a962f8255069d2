using System.Security.Claims;
using HoverFast.Files;
using HoverFast.Review;
using HoverFast.Review.Edits;
using HoverFast.Review.Fields;
using HoverFast.Server.Accounts;
using HoverFast.Server.Hosting;
using HoverFast.Server.Slides;

namespace HoverFast.Server.Review;

/// <summary>Sessions, fields, edits, and what they say of the model.</summary>
internal sealed class ReviewEndpoints(Reviews reviews, SlideCatalogue catalogue, ActionLog log) : IEndpointGroup
{
    private const int LongestName = 64;
    private readonly FieldClaims _claims = new();

    /// <summary>What fields are wanted.</summary>
    internal sealed record NewSession(FieldChoice Choice, int Fields, double Side, int Seed, IReadOnlyList<string>? Slides, string? Who);

    /// <summary>An edit, an undo or a redo.</summary>
    internal sealed record NewEdit(EditKind What, long Seen, IReadOnlyList<Guid>? Nuclei, IReadOnlyList<double>? Points, string? Class, string? Why,
        string? Who);

    /// <summary>Who is there; counts only where the server has no accounts.</summary>
    internal sealed record Visitor(string? Who);

    /// <inheritdoc/>
    public void Map(RouteGroupBuilder api)
    {
        var review = api.MapGroup("/review");
        review.MapGet("/sessions", () => reviews.Answer(r => r.Sessions.Select(s => Describe(r, s)).ToList())).Needs(Role.Look)
            .RequireRateLimiting(ClientLimits.Work);
        review.MapPost("/sessions", StartAsync).Needs(Role.Review).RequireRateLimiting(ClientLimits.Work);
        review.MapGet("/estimate", (string? session) => reviews.Answer(r => Results.Text(r.Estimate(session).ToJson(), "application/json"))).Needs(Role.Look);
        review.MapGet("/verify", () => reviews.Answer(
            r => r.Verify().Select(c => new { log = Path.GetFileName(c.Log), c.Entries, c.Head, c.Problem }).ToList())).Needs(Role.Review);
        review.MapGet("/slides/{id}/corrected", Corrected).Needs(Role.Review).RequireRateLimiting(ClientLimits.Work);
        var field = review.MapGroup("/fields/{field}");
        field.MapGet("", (string field) => reviews.Answer(r => r.Look(field))).Needs(Role.Look);
        field.MapPost("/claim", Claim).Needs(Role.Review);
        field.MapDelete("/claim", Leave).Needs(Role.Review);
        field.MapPost("/edits", Edit).Needs(Role.Review);
    }

    private static object Describe(ReviewFolder review, ReviewSession session) => new
    {
        session.Id,
        session.Choice,
        session.Side,
        session.When,
        session.Who,
        session.Population,
        session.Tissue,
        fields = session.Fields.Select(f => new { f.Id, slide = SlideCatalogue.IdOf(f.Slide), slideName = f.Slide, f.X, f.Y, f.Width, f.Height,
            state = review.StateOf(f), expected = review.ExpectedOf(f) }),
    };

    private async Task<object> StartAsync(HttpContext context, NewSession wanted, CancellationToken cancellation)
    {
        var slides = (wanted.Slides ?? []).Select(s => catalogue.Require(s ?? "").Name).ToList();
        var plan = new SessionPlan { Choice = wanted.Choice, Fields = wanted.Fields, Side = wanted.Side, Seed = wanted.Seed, Slides = slides,
            Who = NameOf(context, wanted.Who) };

        // Finding tissue takes seconds on a large slide.
        var made = await Task.Run(() => reviews.Answer(r => Describe(r, r.Start(plan, reviews.Places, cancellation))), cancellation);
        log.Add(context, "draw fields", $"{wanted.Fields} {wanted.Choice}");
        return made;
    }

    private EditResult Edit(HttpContext context, string field, NewEdit edit) => reviews.Answer(r => r.Edit(new NucleusEdit
    {
        What = edit.What,
        Field = field,
        Who = NameOf(context, edit.Who),
        Seen = edit.Seen,
        Nuclei = edit.Nuclei ?? [],
        Points = edit.Points ?? [],
        Class = edit.Class,
        Why = edit.Why is { Length: > 1000 } ? throw RequestException.Invalid("A reason has at most 1000 letters.") : edit.Why,
    }));

    private object Claim(HttpContext context, string field, Visitor visitor)
    {
        reviews.Answer(r => r.Sessions.Any(s => s.Fields.Any(f => f.Id == field)) ? true : throw RequestException.NotFound("field"));
        return new { others = _claims.Claim(field, NameOf(context, visitor.Who)).Select(c => new { c.Who, c.Since }) };
    }

    private IResult Leave(HttpContext context, string field, string? who)
    {
        _claims.Leave(field, NameOf(context, who));
        return Results.NoContent();
    }

    private IResult Corrected(HttpContext context, string id)
    {
        // It writes down that the file was taken, as no other GET does.
        if (ChangeGuard.IsOfAnotherSite(context.Request))
        {
            throw new RequestException(StatusCodes.Status403Forbidden, "Take the corrected nuclei from this server's page.");
        }

        var name = catalogue.Require(id).Name;
        using var scratch = new ScratchFolder("corrected");
        var path = scratch.File(name + ".corrected.geojson.gz");
        reviews.Answer(r => r.ExportGeoJson(name, path, NameOf(context, null)));
        log.Add(context, "take corrected nuclei", name);

        // Open, it can be read though its folder goes.
        return Results.File(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), "application/gzip",
            Path.GetFileName(path));
    }

    // Where there are no accounts, everybody is at this machine, and says who it is.
    private static string NameOf(HttpContext context, string? who)
    {
        return !SessionAuthentication.IsOwner(context.User) ? context.User.FindFirstValue(ClaimTypes.Name)!
            : string.IsNullOrWhiteSpace(who) ? Account.Local.Name
            : who.Length <= LongestName ? who.Trim()
            : throw RequestException.Invalid($"A name has at most {LongestName} letters.");
    }
}
