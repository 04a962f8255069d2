using System.CommandLine;
using System.Text;
using HoverFast.Cli;
using HoverFast.Server.Accounts;
using HoverFast.Server.Hosting;

namespace HoverFast.Server;

/// <summary><c>hoverfast serve user</c>: who may use the server.</summary>
internal static class UserCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var results = new Option<string>("--results")
        {
            Description = "The folder of results that the server shows.",
            Required = true,
            HelpName = "FOLDER",
        };
        var name = new Argument<string>("NAME") { Description = "Name of the account." };
        var role = new Option<Role>("--role")
        {
            Description = "What it may do: look; review too; run segmentations and training too.",
            DefaultValueFactory = _ => Role.Look,
        };

        var add = new Command("add", "Add an account, or give it another role and password. The password is asked for, or read from standard input.")
        {
            name,
            results,
            role,
        };
        add.SetAction(parsed =>
        {
            try
            {
                StoreOf(parsed.GetRequiredValue(results)).Put(new Account(parsed.GetRequiredValue(name), parsed.GetValue(role)), ReadPassword());
                return ExitCode.Success;
            }
            catch (ArgumentException e)
            {
                parsed.InvocationConfiguration.Error.WriteLine($"error: {e.Message}.");
                return ExitCode.Usage;
            }
        });

        var remove = new Command("remove", "Remove an account and end its sessions.") { name, results };
        remove.SetAction(parsed =>
        {
            if (Known(parsed.GetRequiredValue(results))?.Remove(parsed.GetRequiredValue(name)) == true)
            {
                return ExitCode.Success;
            }

            parsed.InvocationConfiguration.Error.WriteLine($"error: there is no account {parsed.GetRequiredValue(name)}.");
            return ExitCode.SomeFailed;
        });

        var list = new Command("list", "List the accounts.") { results };
        list.SetAction(parsed =>
        {
            if (!Directory.Exists(parsed.GetRequiredValue(results)))
            {
                parsed.InvocationConfiguration.Error.WriteLine($"error: {parsed.GetRequiredValue(results)}: there is no such folder.");
                return ExitCode.CannotStart;
            }

            foreach (var account in Known(parsed.GetRequiredValue(results))?.All() ?? [])
            {
                parsed.InvocationConfiguration.Output.WriteLine($"{account.Name, -24} {account.Role.ToString().ToLowerInvariant()}");
            }

            return ExitCode.Success;
        });
        return new Command("user", "Who may use the server: without any account only this machine, as its owner.") { add, remove, list };
    }

    private static AccountStore StoreOf(string results) => new(DatabaseOf(results), TimeProvider.System);

    /// <summary>The accounts that are there; null where none was ever added: looking makes no folder and no database.</summary>
    private static AccountStore? Known(string results) => File.Exists(DatabaseOf(results)) ? StoreOf(results) : null;

    private static string DatabaseOf(string results) => new ServerOptions { Results = Path.GetFullPath(results), SlideFolders = [] }.Database;

    private static string ReadPassword()
    {
        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine() ?? "";
        }

        var password = Ask("Password: ");
        return Ask("Once more: ") == password ? password : throw new ArgumentException("the two passwords differ");
    }

    // Without showing it.
    private static string Ask(string question)
    {
        Console.Error.Write(question);
        var text = new StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return text.ToString();
    }
}
