using System.Diagnostics;

namespace Tenancy.LocalPostgres;

/// <summary>
/// The operating system's account that the server runs as. PostgreSQL refuses to run as root (manual, "The PostgreSQL User Account"), so root
/// hands over to <c>postgres</c> or <c>nobody</c>; everybody else runs it under their own name.
/// </summary>
public sealed class ServerAccount
{
    private static readonly Lazy<Task<ServerAccount>> Found = new(FindAsync);

    private static readonly string[] Candidates = ["postgres", "nobody"];

    private readonly Func<IEnumerable<string>, IEnumerable<string>> wrap;

    private ServerAccount(string? user, Func<IEnumerable<string>, IEnumerable<string>> wrap)
    {
        User = user;
        this.wrap = wrap;
    }

    /// <summary>The account's name, or null where it is the caller's own.</summary>
    public string? User { get; }

    /// <summary>The account for this process.</summary>
    /// <exception cref="LocalPostgresException">The caller is root and there is no account, or no tool, to become somebody else.</exception>
    public static Task<ServerAccount> GetAsync() => Found.Value;

    /// <summary>How to start a program under this account, for what else refuses to run as root (PgBouncer).</summary>
    /// <param name="program">Name or path of the program.</param>
    /// <param name="arguments">Its arguments, unquoted.</param>
    /// <returns>A start info without redirections and without <c>PG*</c> variables.</returns>
    public ProcessStartInfo StartInfo(string program, params IEnumerable<string> arguments) => ChildProcess.StartInfo(Command([program, .. arguments]));

    internal IEnumerable<string> Command(params IEnumerable<string> command) => wrap(command);

    /// <summary>Whether the account can enter the folder: every folder above, and itself, lets others pass.</summary>
    internal bool CanEnter(string folder)
    {
        if (User is null || OperatingSystem.IsWindows())
        {
            return true;
        }

        for (var at = Path.GetFullPath(folder); at is not null; at = Path.GetDirectoryName(at))
        {
            if (Directory.Exists(at) && !File.GetUnixFileMode(at).HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<ServerAccount> FindAsync()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            // On Windows pg_ctl itself gives up an administrator's rights.
            return new ServerAccount(null, static command => command);
        }

        var id = ChildProcess.FindTool("id") ?? "id";
        var nothing = ChildProcess.FindTool("true") ?? "true";
        var tried = new List<string>();
        foreach (var user in Candidates)
        {
            var uid = await ChildProcess.RunAsync([id, "-u", user], CancellationToken.None);
            var gid = await ChildProcess.RunAsync([id, "-g", user], CancellationToken.None);
            if (!uid.Succeeded || !gid.Succeeded)
            {
                tried.Add($"there is no user {user}");
                continue;
            }

            foreach (var account in Switches(user, uid.Output, gid.Output))
            {
                // A container may lack the right to change users, and busybox's setpriv lacks the options.
                var probe = await ChildProcess.RunAsync(account.Command(nothing), CancellationToken.None);
                if (probe.Succeeded)
                {
                    return account;
                }

                tried.Add($"'{string.Join(' ', account.Command(nothing))}' failed: {probe.Said}");
            }
        }

        throw new LocalPostgresException(
            $"PostgreSQL refuses to run as root, and root cannot become another user here ({string.Join("; ", tried)}). "
            + "Run as an unprivileged user, or create the user 'postgres' and install setpriv, runuser or su (Debian: util-linux).");
    }

    private static IEnumerable<ServerAccount> Switches(string user, string uid, string gid)
    {
        if (ChildProcess.FindTool("setpriv") is { } setpriv)
        {
            yield return new ServerAccount(user, c => [setpriv, $"--reuid={uid}", $"--regid={gid}", "--init-groups", "--", .. c]);
        }

        if (ChildProcess.FindTool("runuser") is { } runuser)
        {
            yield return new ServerAccount(user, c => [runuser, "-u", user, "--", .. c]);
        }

        if (ChildProcess.FindTool("su") is { } su)
        {
            yield return new ServerAccount(user, c => [su, "-s", "/bin/sh", "-c", "exec " + string.Join(' ', c.Select(ShellQuoted)), user]);
        }
    }

    private static string ShellQuoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
