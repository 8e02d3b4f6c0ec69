using Tenancy.LocalPostgres;

// The assembly as a program: starts a server, says where it is, and holds it until it is killed or its input ends.
try
{
    var server = await LocalPostgresServer.StartAsync();
    Console.WriteLine($"{server.Port} {Path.GetDirectoryName(server.DataDirectory)} {server.MajorVersion}");
    await Console.In.ReadLineAsync();
    return 0;
}
catch (LocalPostgresException e)
{
    Console.WriteLine(e.Message);
    return 1;
}
