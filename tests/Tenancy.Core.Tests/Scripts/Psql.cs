using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Tenancy.Core.Tests.Scripts;

/// <summary>The psql beside the server's binaries, or on PATH. Without one a test is skipped.</summary>
internal static class Psql
{
    private static readonly string Name = OperatingSystem.IsWindows() ? "psql.exe" : "psql";

    /// <summary>Runs a script as a person would.</summary>
    /// <param name="database">The database.</param>
    /// <param name="script">The script.</param>
    /// <param name="options">More of psql's options.</param>
    internal static async Task<PsqlEnd> RunAsync(TestDatabase database, string script, params string[] options)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, script);
            return await RunFileAsync(database, file, options);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Runs a file.</summary>
    internal static async Task<PsqlEnd> RunFileAsync(TestDatabase database, string file, params string[] options)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Prepend(database.Server.BinDirectory);
        var program = folders.Select(static folder => Path.Combine(folder, Name)).FirstOrDefault(File.Exists);
        Skip.If(program is null, "There is no psql beside the server or on PATH (Debian: install postgresql-client).");
        var info = new ProcessStartInfo(
            program!,
            ["-X", "-v", "ON_ERROR_STOP=1", .. options, "-h", database.Server.Host, "-p", database.Server.Port.ToString(CultureInfo.InvariantCulture), "-U", database.Server.SuperUser, "-d", database.Name, "-f", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What a person's terminal may have.
        info.Environment["PGCLIENTENCODING"] = "LATIN1";
        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, output, await error);
    }
}

/// <summary>How psql ended.</summary>
internal sealed record PsqlEnd(int ExitCode, string Output, string Error)
{
    /// <summary>Itself, when nothing went wrong.</summary>
    internal PsqlEnd Clean()
    {
        Assert.True(ExitCode == 0, Error);
        return this;
    }

    /// <summary>Itself, when an error of the script ended it.</summary>
    internal PsqlEnd Failed(string message)
    {
        Assert.Equal(3, ExitCode);
        Assert.Contains(message, Error, StringComparison.Ordinal);
        return this;
    }
}
