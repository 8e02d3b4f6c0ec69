using System.Globalization;
using System.Net;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>A server: host and port, or socket folder and the number of the socket.</summary>
/// <param name="Host">Host name in small letters, address without brackets, or absolute socket folder.</param>
/// <param name="Port">The port; always given, so that the text means the same in every session.</param>
public sealed record ServerAddress(string Host, int Port)
{
    /// <summary>PostgreSQL's own port.</summary>
    public const int DefaultPort = 5432;

    /// <summary>True for a Unix-domain socket.</summary>
    public bool IsSocket => IsSocketFolder(Host);

    /// <summary>True where nothing leaves this machine: a socket, <c>localhost</c>, a loopback address.</summary>
    public bool IsLocal =>
        IsSocket
        || string.Equals(Host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary><c>host:port</c>, <c>[address]:port</c> or <c>/folder:port</c>.</summary>
    public override string ToString()
    {
        var host = !IsSocket && Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
    }

    /// <summary>Makes an address of a host as the user gave it.</summary>
    internal static ServerAddress Of(string host, int port) => new(IsSocketFolder(host) ? host : host.ToLowerInvariant(), port);

    /// <summary>Takes <c>host</c>, <c>host:port</c>, <c>::1</c>, <c>[::1]:port</c>, <c>/folder</c> or <c>/folder:port</c> apart.</summary>
    /// <exception cref="TenancyException"><c>InvalidConnection</c>.</exception>
    internal static (string Host, int? Port) Split(string text)
    {
        text = text.Trim();

        // Not echoed: a connection string may hold a password.
        if (text.Contains('=', StringComparison.Ordinal))
        {
            throw new TenancyException(
                "InvalidConnection",
                "The server is a host, host:port, a socket folder or a postgresql:// URI, not a connection string.",
                "Give database, user and the rest in parameters of their own, or write a postgresql:// URI.");
        }

        if (MayHoldPassword(text) && !IsSocketFolder(text))
        {
            throw Invalid(text, "is not a server: it looks like a part of a URI (it is not shown here, for it may hold a password)", "Write host, host:port or the folder of the server's socket; for the session's server, also postgresql://user@host:port/database.");
        }

        if (text.Contains(',', StringComparison.Ordinal))
        {
            throw Invalid(text, "names several hosts", "Name one server: the primary, where changes are made.");
        }

        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            var rest = end < 0 ? null : text[(end + 1)..];
            if (rest is null || (rest.Length > 0 && rest[0] != ':'))
            {
                throw Invalid(text, "is not an address", "Write an IPv6 address as [::1] or [::1]:5432.");
            }

            return (text[1..end], rest.Length == 0 ? null : ParsePort(rest[1..], text));
        }

        var colon = text.LastIndexOf(':');
        var isBareIPv6 = colon >= 0 && !IsSocketFolder(text) && text.IndexOf(':', StringComparison.Ordinal) != colon;
        var isDrive = OperatingSystem.IsWindows() && colon == 1;
        var (host, port) = colon < 0 || isBareIPv6 || isDrive ? (text, (int?)null) : (text[..colon], ParsePort(text[(colon + 1)..], text));
        return host.Length > 0 && !host.Any(char.IsWhiteSpace)
            ? (host, port)
            : throw Invalid(text, "is not a server", "Write host, host:port, or the folder of the server's socket.");
    }

    /// <summary>Reads a port number.</summary>
    /// <exception cref="TenancyException"><c>InvalidConnection</c>.</exception>
    internal static int ParsePort(string digits, string origin) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
            ? port
            : throw Invalid(origin, MayHoldPassword(digits) ? "has no number as its port" : $"has the port '{digits}'", "A port is a number from 1 to 65535.");

    private static bool IsSocketFolder(string host) => Path.IsPathFullyQualified(host);

    /// <summary>True for what may be the rest of a mistyped URI: <c>user:password@host</c>, <c>postgresql:/…</c>. No message repeats it.</summary>
    private static bool MayHoldPassword(string text) => text.Contains('@', StringComparison.Ordinal) || text.Contains(":/", StringComparison.Ordinal);

    private static TenancyException Invalid(string text, string what, string action) =>
        new("InvalidConnection", MayHoldPassword(text) ? $"The server {what}." : $"The server '{text}' {what}.", action);
}
