using Tenancy.LocalPostgres;
using Tenancy.Model;
using Tenancy.Quickstart;

const string Usage = """
    dotnet run --project src/Tenancy.Quickstart             shows the main job on a server of its own, and ends
    dotnet run --project src/Tenancy.Quickstart -- --serve  starts the server with a shared schema and 25 tenants at base,
                                                            says in a line of JSON how to reach it, and ends with its input
    """;

using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    // The server is stopped and its folder removed on the way out.
    pressed.Cancel = true;
    cancel.Cancel();
};

try
{
    switch (args)
    {
        case []:
            await Tour.RunAsync(new Page(Console.Out), cancel.Token);
            return 0;
        case ["--serve"]:
            await Serving.RunAsync(Console.Out, Console.In, cancel.Token);
            return 0;
        case ["--help" or "-h"]:
            Console.WriteLine(Usage);
            return 0;
        default:
            Console.Error.WriteLine($"'{string.Join(' ', args)}' means nothing here. There is:{Environment.NewLine}{Usage}");
            return 2;
    }
}
catch (OperationCanceledException) when (cancel.IsCancellationRequested)
{
    Console.Error.WriteLine("Stopped. The server and its folder are gone.");
    return 130;
}
catch (TenancyException error)
{
    Console.Error.WriteLine($"{error.Message} {error.RecommendedAction}");
    return 1;
}
catch (Exception error) when (error is LocalPostgresException or UnexpectedOutcomeException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
