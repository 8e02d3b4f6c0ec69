using TenancyMigrate.Packaging;

// Makes what is published, in two steps, because signing comes between them. Each says what it made, a path a line.
//   stage   <destination>/TenancyMigrate/<version>/, and beside it TenancyMigrate.<version>.sign.txt, the list of what is to be signed
//   pack    <destination>/TenancyMigrate.<version>.nupkg, of that folder as it is then
if (args is not [("stage" or "pack") and var step, var root, var destination])
{
    Console.Error.WriteLine("usage: TenancyMigrate.Packaging stage|pack <repository> <destination>");
    return 2;
}

try
{
    if (step == "stage")
    {
        var folder = ModuleFolder.Stage(root, destination, ShippedPackage.FindRestored(root));
        Console.WriteLine(folder);
        Console.WriteLine(SigningList.Write(folder, destination));
    }
    else
    {
        Console.WriteLine(PackageFile.Write(ModuleFolder.Find(root, destination), destination));
    }

    return 0;
}
catch (PackagingException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
