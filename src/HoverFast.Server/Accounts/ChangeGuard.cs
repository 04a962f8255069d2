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

        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var sent = Encoding.UTF8.GetBytes(request.Headers[Header].ToString());
        var wanted = Encoding.UTF8.GetBytes(accounts.ChangeToken(request.Cookies[SessionAuthentication.CookieOf(server)] ?? ""));
        return site is "" or "same-origin" && CryptographicOperations.FixedTimeEquals(sent, wanted)
            ? next(context)
            : Answers.WriteAsync(context, StatusCodes.Status403Forbidden, "The request does not come from this server's page; load the page anew.");
    }
}
