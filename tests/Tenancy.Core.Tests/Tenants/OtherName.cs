using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Tenancy.Core.Tests.Tenants;

/// <summary>This machine under its own name: a host that the engine takes for another machine, because no name but localhost is known to stay here.</summary>
internal static class OtherName
{
    internal static string Host { get; } = Dns.GetHostName();

    /// <summary>The address behind it, an IPv4 one; a test is skipped where the name leads nowhere.</summary>
    internal static async Task<IPAddress> ResolveAsync()
    {
        IPAddress? address = null;
        try
        {
            address = (await Dns.GetHostAddressesAsync(Host, AddressFamily.InterNetwork)).FirstOrDefault();
            using var probe = new TcpListener(address ?? IPAddress.None, 0);
            probe.Start();
        }
        catch (SocketException)
        {
            address = null;
        }

        Skip.If(address is null || Host.Equals("localhost", StringComparison.OrdinalIgnoreCase), $"The name '{Host}' does not lead to this machine.");
        return address!;
    }
}
