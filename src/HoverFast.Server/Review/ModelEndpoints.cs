using HoverFast.Review.Models;
using HoverFast.Server.Accounts;
using HoverFast.Server.Hosting;

namespace HoverFast.Server.Review;

/// <summary>The models that came of reviews: listed, promoted, rolled back; and teaching a new one.</summary>
internal sealed class ModelEndpoints(ServerOptions options, Teaching teaching, ActionLog log) : IEndpointGroup
{
    /// <summary>The report's page brings its own style and pictures, and runs nothing.</summary>
    private const string ReportPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'";

    /// <summary>Why, if somebody says so.</summary>
    internal sealed record Decision(string? Why);

    /// <summary>The model that was in use when somebody decided to go back, if that is told, and why, if somebody says so.</summary>
    internal sealed record GoingBack(int? Current, string? Why);

    /// <inheritdoc/>
    public void Map(RouteGroupBuilder api)
    {
        var models = api.MapGroup("/models");
        models.MapGet("", () => new { models = Registry(r => r.Models.Select(Describe).ToList()), teaching = teaching.State }).Needs(Role.Look);
        models.MapPost("/{version:int}/promote", (HttpContext context, int version, Decision decision) =>
        {
            var model = Registry(r => r.Promote(version, Who(context), decision.Why));
            log.Add(context, "promote", $"model {version}");
            return Describe(model);
        }).Needs(Role.Run);
        models.MapPost("/rollback", (HttpContext context, GoingBack decision) =>
        {
            var model = Registry(r => r.RollBack(Who(context), decision.Why, decision.Current));
            log.Add(context, "roll back", model is null ? "to the program's own model" : $"to model {model.Version}");
            return new { version = model?.Version };
        }).Needs(Role.Run);
        models.MapGet("/{version:int}/report", Report).Needs(Role.Look).RequireRateLimiting(ClientLimits.Work);
        models.MapPost("/teach", (HttpContext context) =>
        {
            teaching.Start(Who(context));
            log.Add(context, "teach", "");
            return Results.Accepted();
        }).Needs(Role.Run);
        models.MapDelete("/teach", (HttpContext context) =>
        {
            teaching.Stop();
            log.Add(context, "stop teaching", "");
            return Results.NoContent();
        }).Needs(Role.Run);
    }

    private static object Describe(RegisteredModel model) => new
    {
        model.Version,
        model.State,
        name = Path.GetFileNameWithoutExtension(model.Path),
        model.Parent,
        model.ParentName,
        fields = model.Fields.Count,
        model.Scores,
        model.Who,
        model.When,
        model.PromotedBy,
        model.PromotedWhen,
    };

    private static string Who(HttpContext context) => context.User.Identity?.Name is { Length: > 0 } name ? name : "local";

    private IResult Report(HttpContext context, int version)
    {
        var model = Registry(r => r.Models.FirstOrDefault(m => m.Version == version)) ?? throw RequestException.NotFound("model");
        if (!File.Exists(model.ReportPath))
        {
            throw RequestException.NotFound("report");
        }

        context.Response.Headers.ContentSecurityPolicy = ReportPolicy;
        return Results.File(model.ReportPath, "text/html; charset=utf-8");
    }

    private T Registry<T>(Func<ModelRegistry, T> ask) => Reviews.Answer(options, () => ask(ModelRegistry.Of(options.Results)));
}
