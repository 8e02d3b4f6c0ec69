#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
Builds, tests, shows and packages the module.
.DESCRIPTION
Build    compiles everything; afterwards Import-Module ./TenancyMigrate.psd1 works from this folder.
Test     runs all tests, against a PostgreSQL that they start themselves.
Demo     shows the main job with the cmdlets, on a throwaway PostgreSQL.
Package  makes out/TenancyMigrate/<version>/, the folder to copy to a module path; TenancyMigrate.<version>.nupkg of it, for a PowerShell repository; and
         TenancyMigrate.<version>.sign.txt, the files of the folder that are to be signed. docs/packaging.md tells more.
.PARAMETER Destination
Where Package makes them. Default: out.
.PARAMETER Sign
Signs before the package is made of the folder: a script block that gets the full paths of the files to sign, and the module's folder (for a catalog of it).
.PARAMETER NoBuild
Takes what was built before as it is.
.EXAMPLE
./build.ps1 Build, Test
.EXAMPLE
./build.ps1 Package; Copy-Item -Recurse ./out/TenancyMigrate ~/.local/share/powershell/Modules
.EXAMPLE
./build.ps1 Package -Sign { param($Files, $Folder) Set-AuthenticodeSignature -FilePath $Files -Certificate $certificate -HashAlgorithm SHA256 -TimestampServer $timestamps }
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Demo', 'Package')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release',

    [ValidateNotNullOrEmpty()]
    [string] $Destination = "$PSScriptRoot/out",

    [scriptblock] $Sign,

    [switch] $NoBuild
)

$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot
$pwsh = [System.Environment]::ProcessPath

function Invoke-Program([string] $program, [string[]] $arguments) {
    & $program @arguments
    if ($LASTEXITCODE -ne 0) { throw "$program $arguments ended with exit code $LASTEXITCODE." }
}

function Invoke-Build {
    if ($NoBuild) { return }
    Invoke-Program dotnet 'build', "$root/Tenancy.sln", '--configuration', $Configuration, '--nologo', '-v', 'minimal'
}

function Invoke-Test { Invoke-Program dotnet (@('test', "$root/Tenancy.sln", '--configuration', $Configuration, '--nologo') + @(if ($NoBuild) { '--no-build' })) }

function Invoke-Demo {
    Invoke-Build
    # A process of its own: a loaded module cannot be built again.
    Invoke-Program $pwsh '-NoProfile', '-File', "$root/demo/Demo.ps1", '-Configuration', $Configuration
}

function Invoke-Package {
    Invoke-Build
    # From the current location, as the caller types it; .NET would take its own.
    $target = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Destination)
    $tool = Resolve-Path "$root/src/TenancyMigrate.Packaging/bin/$Configuration/*/TenancyMigrate.Packaging.dll"
    $folder, $list = Invoke-Program dotnet $tool, 'stage', $root, $target
    if ($Sign) { & $Sign @(Get-Content $list | ForEach-Object { "$folder/$_" }) $folder | Out-Host }
    $folder
    Invoke-Program dotnet $tool, 'pack', $root, $target
}

foreach ($name in $Task) {
    & "Invoke-$name"
}
