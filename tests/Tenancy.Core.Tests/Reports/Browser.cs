using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tenancy.Core.Tests.Reports;

/// <summary>A headless Chromium with one page, driven over its DevTools protocol on the loopback address. Tests are skipped where there is none. Benchmarks use it too.</summary>
internal sealed partial class Browser : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly string folder;
    private readonly ClientWebSocket socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> waiting = new();
    private readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int last;

    private Browser(Process process, string folder) => (this.process, this.folder) = (process, folder);

    /// <summary>What the console has of errors, and exceptions that nobody caught.</summary>
    internal ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>The addresses of all requests.</summary>
    internal ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Opens a page.</summary>
    /// <param name="html">Its text.</param>
    /// <param name="isDark">True for a dark scheme.</param>
    /// <param name="hasScript">False to run no script of its own.</param>
    internal static async Task<Browser> OpenAsync(string html, bool isDark = false, bool hasScript = true)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(static folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        OnSearched(program is not null);
        var folder = Directory.CreateTempSubdirectory("tenancy-browser-").FullName;
        var start = new ProcessStartInfo(program ?? throw new FileNotFoundException("There is no Chromium on this machine.")) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[]
        {
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
            "--remote-debugging-port=0", "--window-size=1280,900", "--user-data-dir=" + folder, "about:blank",
        })
        {
            start.ArgumentList.Add(argument);
        }

        var browser = new Browser(Process.Start(start)!, folder);
        browser.process.OutputDataReceived += static (_, _) => { };
        browser.process.ErrorDataReceived += static (_, _) => { };
        browser.process.BeginOutputReadLine();
        browser.process.BeginErrorReadLine();
        try
        {
            await browser.ConnectAsync();
            await browser.SendAsync("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = isDark ? "dark" : "light" } } });
            await browser.SendAsync("Emulation.setScriptExecutionDisabled", new { value = !hasScript });
            var file = Path.Combine(folder, "report.html");
            await File.WriteAllTextAsync(file, html);
            await browser.SendAsync("Page.navigate", new { url = "file://" + file });
            await browser.loaded.Task.WaitAsync(Patience);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>What an expression gives in the page, as JSON has it.</summary>
    internal async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true });
        if (answer.TryGetProperty("exceptionDetails", out var error))
        {
            throw new InvalidOperationException($"{expression}: {error}");
        }

        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>The text of the first element that a selector means, and a number in it.</summary>
    internal async Task<string> TextAsync(string selector) => (await EvaluateAsync($"document.querySelector({JsonSerializer.Serialize(selector)}).textContent")).GetString()!;

    /// <summary>The texts of all elements that a selector means.</summary>
    internal async Task<string[]> TextsAsync(string selector) =>
        (await EvaluateAsync($"[...document.querySelectorAll({JsonSerializer.Serialize(selector)})].map(found => found.textContent)")).Deserialize<string[]>()!;

    public async ValueTask DisposeAsync()
    {
        socket.Abort();
        socket.Dispose();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        for (var attempt = 0; Directory.Exists(folder); attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException) when (attempt < 50)
            {
                await Task.Delay(100);
            }
        }
    }

    static partial void OnSearched(bool isFound);

    private async Task ConnectAsync()
    {
        var file = Path.Combine(folder, "DevToolsActivePort");
        var deadline = DateTime.UtcNow + Patience;
        string[] lines;
        while ((lines = File.Exists(file) ? await File.ReadAllLinesAsync(file) : []).Length < 2)
        {
            if (DateTime.UtcNow > deadline || process.HasExited)
            {
                throw new InvalidOperationException("Chromium did not start.");
            }

            await Task.Delay(50);
        }

        using var client = new HttpClient();
        var targets = await client.GetFromJsonAsync<JsonArray>($"http://127.0.0.1:{lines[0]}/json/list");
        var page = targets!.First(static target => (string?)target!["type"] == "page")!;
        await socket.ConnectAsync(new((string)page["webSocketDebuggerUrl"]!), CancellationToken.None);
        _ = ReceiveAsync();
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" })
        {
            await SendAsync(domain + ".enable", new { });
        }
    }

    internal async Task<JsonElement> SendAsync(string method, object parameters)
    {
        var id = Interlocked.Increment(ref last);
        var answer = waiting[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        return await answer.Task.WaitAsync(Patience);
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (true)
            {
                using var message = new MemoryStream();
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                    message.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);
                Take(JsonDocument.Parse(Encoding.UTF8.GetString(message.ToArray())).RootElement);
            }
        }
        catch (Exception error) when (error is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            foreach (var answer in waiting.Values)
            {
                answer.TrySetException(new IOException("Chromium has gone.", error));
            }
        }
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("id", out var id))
        {
            if (waiting.TryRemove(id.GetInt32(), out var answer))
            {
                _ = message.TryGetProperty("error", out var error) ? answer.TrySetException(new InvalidOperationException(error.ToString())) : answer.TrySetResult(message.GetProperty("result"));
            }

            return;
        }

        var parameters = message.GetProperty("params");
        switch (message.GetProperty("method").GetString())
        {
            case "Page.loadEventFired":
                loaded.TrySetResult();
                break;
            case "Network.requestWillBeSent":
                Requests.Enqueue(parameters.GetProperty("request").GetProperty("url").GetString()!);
                break;
            case "Runtime.exceptionThrown":
                Errors.Enqueue(parameters.ToString());
                break;
            case "Log.entryAdded" when parameters.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning":
                Errors.Enqueue(parameters.ToString());
                break;
            case "Runtime.consoleAPICalled":
                Errors.Enqueue(parameters.ToString());
                break;
        }
    }
}
