using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace TenancyMigrate.Tests.Runbooks;

/// <summary>What Azure gives a runbook, on a port of this machine: the identity's endpoint, and a storage account that takes its tokens.</summary>
internal sealed class AzureEndpoints : IDisposable
{
    private const string StorageToken = "token-of-storage";
    private readonly HttpListener listener = new();
    private readonly byte[] archive;

    /// <summary>Listens.</summary>
    /// <param name="archive">The zip of the project.</param>
    public AzureEndpoints(byte[] archive)
    {
        this.archive = archive;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}");
        }

        listener.Prefixes.Add(Address + "/");
        listener.Start();
        _ = ListenAsync();
    }

    /// <summary>Where it is.</summary>
    public string Address { get; }

    /// <summary>What a runbook finds in its environment.</summary>
    public Dictionary<string, string?> Environment => new() { ["IDENTITY_ENDPOINT"] = Address + "/identity", ["IDENTITY_HEADER"] = "header-of-the-sandbox" };

    /// <summary>The token for the database, from now on.</summary>
    public string Token { get; set; } = "token-1";

    /// <summary>How often each token for the database was given.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Given { get; } = new();

    /// <summary>What was put into the container of reports, by name.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, string> Reports { get; } = new();

    public void Dispose() => listener.Close();

    private async Task ListenAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var (status, body) = await AnswerAsync(context.Request);
            context.Response.StatusCode = (int)status;
            await context.Response.OutputStream.WriteAsync(body);
            context.Response.Close();
        }
    }

    private async Task<(HttpStatusCode Status, byte[] Body)> AnswerAsync(HttpListenerRequest request)
    {
        var path = request.Url!.AbsolutePath;
        if (path == "/identity")
        {
            return request.Headers["X-IDENTITY-HEADER"] == "header-of-the-sandbox" && request.Headers["Metadata"] == "True" ? (HttpStatusCode.OK, Issue(request.QueryString["resource"]!)) : (HttpStatusCode.Unauthorized, []);
        }

        if (request.Headers["Authorization"] != "Bearer " + StorageToken || request.Headers["x-ms-version"] is null)
        {
            return (HttpStatusCode.Forbidden, []);
        }

        if (request.HttpMethod == "PUT" && request.Headers["x-ms-blob-type"] == "BlockBlob")
        {
            using var reader = new StreamReader(request.InputStream, Encoding.UTF8);
            Reports[path] = await reader.ReadToEndAsync();
            return (HttpStatusCode.Created, []);
        }

        return path == "/migrations/app.zip" ? (HttpStatusCode.OK, archive) : (HttpStatusCode.NotFound, []);
    }

    // Five minutes and a second: a second, for who wants five minutes left.
    private byte[] Issue(string resource)
    {
        var isDatabase = resource == "https://ossrdbms-aad.database.windows.net";
        if (isDatabase)
        {
            Given.Enqueue(Token);
        }

        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            access_token = isDatabase ? Token : StorageToken,
            expires_on = DateTimeOffset.UtcNow.AddSeconds(301).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            resource,
            token_type = "Bearer",
        });
    }
}
