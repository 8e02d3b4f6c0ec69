using System.Globalization;
using System.Text.Json;
using Tenancy.Core;
using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Catalog.Drift;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Provisioning;

// The assembly as a program: migrates tenants, or compares them, once a line comes in, by a rollout file of the project if one is named, and prints each result as a line of JSON.
if (args is ["provision", var place, var server, var serverPort, var name, var work, var from, var to])
{
    await using var provisioned = Fleet.Open(place, new ConnectionSettings { Host = server, Port = int.Parse(serverPort, CultureInfo.InvariantCulture), Database = name, Username = "postgres" });
    Console.WriteLine("ready");
    await Console.In.ReadLineAsync();
    await ProvisioningWork.RunAsync(provisioned, work, from, to, new ListLog());
    return 0;
}

// Or makes a migration of the difference between the tenant acme and an SQL file, once a line comes in.
if (args is ["autogenerate", var files, var listener, var listens, var where, var desired])
{
    await using var one = Fleet.Open(files, new ConnectionSettings { Host = listener, Port = int.Parse(listens, CultureInfo.InvariantCulture), Database = where, Username = "postgres" });
    Console.WriteLine("ready");
    await Console.In.ReadLineAsync();
    await one.AutogenerateAsync(new() { Specimen = new() { Name = "acme", Schema = "acme" }, Desired = new DesiredSource.Files([desired], null) }, new ListLog());
    return 0;
}

// Or writes the manifests that bring the tenant acme back.
if (args is ["repair", var at, var machine, var listening, var called])
{
    Console.WriteLine("ready");
    await Console.In.ReadLineAsync();
    await DriftProject.RepairAsync(at, new ConnectionSettings { Host = machine, Port = int.Parse(listening, CultureInfo.InvariantCulture), Database = called, Username = "postgres" }, new ListLog(), new(), "acme");
    return 0;
}

if (args is not [var folder, var host, var port, var direct, var database, var schemas, var mode, var limit, var rollout])
{
    await Console.Error.WriteLineAsync("folder host port direct-server database schema,schema,… mode throttle-limit rollout");
    return 2;
}

var settings = new ConnectionSettings { Host = host, Port = int.Parse(port, CultureInfo.InvariantCulture), Database = database, Username = "postgres", DirectServer = direct.Length > 0 ? direct : null };
await using var fleet = Fleet.Open(folder, settings);
if (mode == Runner.Compares)
{
    Console.WriteLine("ready");
    await Console.In.ReadLineAsync();
    await foreach (var comparison in fleet.CompareSchemasAsync(FleetProject.Tenants(schemas.Split(',')), new(), new ListLog()))
    {
        Console.WriteLine(JsonSerializer.Serialize(comparison));
    }

    return 0;
}

var request = new MigrationRequest
{
    Transaction = Enum.Parse<TransactionMode>(mode),
    ThrottleLimit = int.Parse(limit, CultureInfo.InvariantCulture),
    Rollout = rollout.Length > 0 ? RolloutReader.Read(Path.Combine(folder, rollout)) : null,
};
Console.WriteLine("ready");
await Console.In.ReadLineAsync();
await foreach (var result in fleet.MigrateAsync(FleetProject.Tenants(schemas.Split(',')), request, new ListLog()))
{
    Console.WriteLine(JsonSerializer.Serialize(result));
}

return 0;
