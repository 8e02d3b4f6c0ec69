<#
.SYNOPSIS
Finds tenants whose schema is not what their revision says; on demand writes the manifests that mend them.
.DESCRIPTION
Without -Repair it changes nothing, and may run every night. With it, it writes a manifest for each shape that has drifted, and says what each would do; a person reads them, they are deployed as any other, and the nightly migration runs them: on the tenants that have drifted so, and on no other.

Exit codes: 0 no tenant has drifted; 1 the job could not run, the error says why; 2 tenants have drifted, or could not be compared.
.EXAMPLE
pwsh -NoProfile -NonInteractive -File Find-Drift.ps1 -Project /srv/migrations -ReportFolder /var/log/tenants
.EXAMPLE
pwsh -NoProfile -File Find-Drift.ps1 -Project ~/src/app/migrations -Repair
#>
#Requires -Version 7.4
#Requires -Modules TenancyMigrate
[CmdletBinding()]
param(
    # The folder of tenancy.yaml.
    [Parameter(Mandatory)]
    [string] $Project,

    # Role, server and database, without a password: that is in the password file or PGPASSWORD. Default: the PG* variables and the service file, as psql.
    [string] $Server,

    # Where the report goes, a file a run.
    [string] $ReportFolder = '.',

    # What does not count, such as grants, or table:alembic_version.
    [string[]] $Exclude = @(),

    # Writes the manifests.
    [switch] $Repair
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

# Before anything is changed: a report that nobody could write would be missed afterwards.
$null = New-Item -ItemType Directory -Force $ReportFolder
$connection = @{ Project = $Project }
if ($Server) { $connection.Server = $Server }
$database = Connect-TenantDatabase @connection
"Connected to $($database.Server)/$($database.Database) as $($database.UserName)."

$what = if ($Exclude) { @{ Exclude = $Exclude } } else { @{} }
$null = Compare-TenantSchema @what -ErrorAction SilentlyContinue -OutVariable tenants
if (-not $tenants) { throw "There are no tenants in $($database.Server)/$($database.Database). Is it the right database?" }
$other = @($tenants | Where-Object Status -ne Equal)
foreach ($group in $other | Group-Object Status, Shape) {
    $first = $group.Group[0]
    "  $($group.Count) $($first.Status): $($group.Group.Name | Select-Object -First 5 | Join-String -Separator ', ')"
    foreach ($difference in $first.Differences) { "    $difference" }
    if ($first.Error) { "    $($first.Error)" }
}
$report = $tenants | Export-TenantReport -Path (Join-Path $ReportFolder "drift-$([datetime]::UtcNow.ToString('yyyyMMdd-HHmmss')).html") -Force
if ($report) { "Report: $report" }

if ($Repair -and ($other | Where-Object Status -eq Drifted)) {
    $manifests = @(Compare-TenantSchema @what -Repair -Confirm:$false)
    foreach ($manifest in $manifests) { "Written: $($manifest.Path)" }
    foreach ($step in Invoke-TenantMigration -WhatIf -WarningAction SilentlyContinue | Where-Object Steps) { "  $($step.Name) would get: $($step.Steps.Sql -join '; ')" }
    'Read the manifests and deploy them; the next migration runs them.'
}

if ($other) { "FAILED: $($other.Count) of $($tenants.Count) tenants are not as expected ($(($other | Group-Object Status -NoElement | ForEach-Object { "$($_.Count) $($_.Name)" }) -join ', '))."; exit 2 }
"OK: $($tenants.Count) tenants are as their revisions say."
