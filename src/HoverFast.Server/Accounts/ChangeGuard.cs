using System.Security.Cryptography;
using System.Text;
using HoverFast.Server.Hosting;

namespace HoverFast.Server.Accounts;

/// <summary>Refuses changes that another site may have made a browser send: they need a token that only our page can read.</summary>
internal sealed class ChangeGuard(RequestDelegate next)
{
    /// <summary>The header that carries the token.</summary>
    public const string Header = "X-HoverFast-Token";

    /// <summary>Checks a request.</summary>
    public Task InvokeAsync(HttpContext context, AccountStore accounts, ServerOptions server)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return next(context);
        }

        var sent = Encoding.UTF8.GetBytes(request.Headers[Header].ToString());
        var wanted = Encoding.UTF8.GetBytes(accounts.ChangeToken(request.Cookies[SessionAuthentication.CookieOf(server)] ?? ""));
        return SiteOf(request) is "" or "same-origin" && CryptographicOperations.FixedTimeEquals(sent, wanted)
            ? next(context)
            : Answers.WriteAsync(context, StatusCodes.Status403Forbidden, "The request does not come from this server's page; load the page anew.");
    }

    /// <summary>Whether a browser says that another site made it send a request; none says so of an address that somebody typed.</summary>
    public static bool IsOfAnotherSite(HttpRequest request) => SiteOf(request) is not ("" or "same-origin" or "none");

    private static string SiteOf(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString();
}
