# The main job with the cmdlets, on a throwaway PostgreSQL. Run it with: ./build.ps1 Demo
#Requires -Version 7.4
[CmdletBinding()]
param([string] $Configuration = 'Release')

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
Import-Module "$root/TenancyMigrate.psd1"

# Called with a dot, so that what is shown runs in the script's own scope.
function Show([string] $text, [scriptblock] $do) {
    Write-Host "`n$($PSStyle.Bold)# $text$($PSStyle.Reset)"
    Write-Host "PS> $($do.ToString().Trim())" -ForegroundColor Cyan
    . $do | Out-Host
}

function Confirm-That([bool] $holds, [string] $what) {
    if (-not $holds) { throw "The demo did not go as it should: $what" }
}

# The server lives until its input closes, at the latest with this process.
$start = [System.Diagnostics.ProcessStartInfo]::new('dotnet')
foreach ($argument in "$root/src/Tenancy.Quickstart/bin/$Configuration/net10.0/Tenancy.Quickstart.dll", '--serve') { $start.ArgumentList.Add($argument) }
$start.RedirectStandardInput = $true
$start.RedirectStandardOutput = $true
$server = [System.Diagnostics.Process]::Start($start)
try {
    $line = $server.StandardOutput.ReadLine()
    Confirm-That ($null -ne $line) 'the throwaway server did not start.'
    $info = $line | ConvertFrom-Json
    $address = "postgresql://$($info.user)@$($info.host):$($info.port)/$($info.database)"
    $project = $info.project
    $hand = "$PSScriptRoot/spoiled"

    . Show 'A database, and a project of manifests' { Connect-TenantDatabase -Server $address -Project $project }
    . Show 'Its revisions, read and checked without a connection' { Get-TenantMigration }
    . Show 'The tenants, from the registry' { Get-Tenant | Select-Object -First 5 }
    . Show 'All of them to the revision with which the product was launched' {
        Get-Tenant | Invoke-TenantMigration -To 3c5e81f7 | Group-Object Scope, Status -NoElement
    }

    # Somebody gives two customers of one tenant the same address.
    $null = Invoke-TenantMigration maple -Project $hand

    . Show 'What one tenant would get next; nothing is written' { Invoke-TenantMigration alder -WhatIf | Select-Object -ExpandProperty Steps }
    . Show 'All of them to the latest revision' {
        $results = Get-Tenant | Invoke-TenantMigration -ErrorAction SilentlyContinue
        $results | Group-Object Scope, Status -NoElement
    }
    $failed = @($results | Where-Object Status -eq Failed)
    Confirm-That ($failed.Count -eq 1 -and $failed[0].Name -eq 'maple') 'maple alone should have failed.'
    . Show 'One failed, and held up no other' { $results | Where-Object Status -eq Failed | Format-List Name, Status, To, Error, @{ n = 'Statement'; e = { $_.Failure.Statement } }, @{ n = 'Recommendation'; e = { $_.Failure.RecommendedAction } } }

    # And mends it.
    $null = Undo-TenantMigration maple -Project $hand -To base

    . Show 'Its rows are mended: only what failed is run again, and goes on where it stood' { $results | Where-Object Status -eq Failed | Invoke-TenantMigration }
    . Show 'A second run has nothing to do' {
        $again = Get-Tenant | Invoke-TenantMigration
        $again | Group-Object Scope, Status -NoElement
    }
    Confirm-That (-not ($again | Where-Object Status -ne UpToDate)) 'the second run did something.'
    . Show 'Where each is' { Get-TenantRevision | Select-Object -First 5 }
    . Show 'And how one of them got there' { Get-TenantHistory maple }
}
finally {
    $server.StandardInput.Close()
    if (-not $server.WaitForExit(30000)) { $server.Kill($true) }
    $server.Dispose()
}
