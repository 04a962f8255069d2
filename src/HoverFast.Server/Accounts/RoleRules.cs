namespace HoverFast.Server.Accounts;

/// <summary>States which role an endpoint needs.</summary>
internal static class RoleRules
{
    /// <summary>The endpoint needs at least this role.</summary>
    public static T Needs<T>(this T endpoint, Role role)
        where T : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(policy => policy.RequireAssertion(context => SessionAuthentication.RoleOf(context.User) >= role));
}
