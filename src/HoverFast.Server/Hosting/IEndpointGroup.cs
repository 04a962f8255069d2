namespace HoverFast.Server.Hosting;

/// <summary>The endpoints of one concern. Each states the least role that may call it (<see cref="Accounts.RoleRules"/>).</summary>
internal interface IEndpointGroup
{
    /// <summary>Adds the endpoints.</summary>
    /// <param name="api">The group <c>/api</c>.</param>
    void Map(RouteGroupBuilder api);
}
