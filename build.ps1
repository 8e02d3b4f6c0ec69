#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
Builds, tests, shows and packages the module.
.DESCRIPTION
Build    compiles everything; afterwards Import-Module ./TenancyMigrate.psd1 works from this folder.
Test     runs all tests, against a PostgreSQL that they start themselves.
Demo     shows the main job with the cmdlets, on a throwaway PostgreSQL.
Package  makes out/TenancyMigrate/<version>/, the folder to copy to a module path.
.PARAMETER Destination
Where Package makes TenancyMigrate/<version>/. Default: out.
.PARAMETER NoBuild
Takes what was built before as it is.
.EXAMPLE
./build.ps1 Build, Test
.EXAMPLE
./build.ps1 Package; Copy-Item -Recurse ./out/TenancyMigrate ~/.local/share/powershell/Modules
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
    $version = (Import-PowerShellDataFile "$root/TenancyMigrate.psd1").ModuleVersion
    $target = "$Destination/TenancyMigrate/$version"
    if (Test-Path $target) { Remove-Item -Recurse -Force $target }
    $null = New-Item -ItemType Directory "$target/bin/deps"
    Copy-Item "$root/bin/TenancyMigrate.dll", "$root/bin/Tenancy.Model.dll" "$target/bin"
    Copy-Item "$root/bin/deps/*" "$target/bin/deps" -Exclude *.pdb, *.xml
    Copy-Item "$root/TenancyMigrate.psd1", "$root/TenancyMigrate.Format.ps1xml", "$root/LICENSE", "$root/CHANGELOG.md" $target
    foreach ($folder in 'en-US', 'schemas') {
        Copy-Item -Recurse "$root/$folder" $target
    }
    Write-Output $target
}

foreach ($name in $Task) {
    & "Invoke-$name"
}
