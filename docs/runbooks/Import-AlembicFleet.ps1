<#
.SYNOPSIS
Adopts the tenants that Alembic has migrated until now, once it is certain that all of them can be.
.DESCRIPTION
Looks first, and writes nothing unless every tenant can be adopted. Afterwards it compares each schema with what its revision says: what differs is a mistake in the manifests, or drift that Alembic did not see. Running it twice is safe.

Exit codes: 0 all tenants are adopted and as their revisions say; 1 the job could not run, the error says why; 2 tenants cannot be adopted, and nothing was written; 3 all are adopted, and some differ from what their revision says.
.EXAMPLE
pwsh -NoProfile -File Import-AlembicFleet.ps1 -Project /srv/migrations -SchemaPattern 'tenant_*' -Mapping /srv/migrations/alembic.yaml
#>
#Requires -Version 7.4
#Requires -Modules TenancyMigrate
[CmdletBinding()]
param(
    # The folder of tenancy.yaml.
    [Parameter(Mandatory)]
    [string] $Project,

    # The tenants' schemas, with * and ?.
    [Parameter(Mandatory)]
    [string] $SchemaPattern,

    # A line 'alembic version: revision' for each version that a tenant may be at. Default: the manifests have Alembic's ids.
    [string] $Mapping,

    # Role, server and database, without a password: that is in the password file or PGPASSWORD. Default: the PG* variables and the service file, as psql.
    [string] $Server,

    # Where the report goes.
    [string] $ReportFolder = '.'
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

$tenants = @(Get-Tenant -SchemaPattern $SchemaPattern)
if (-not $tenants) { throw "No schema fits $SchemaPattern." }
$from = @{ From = 'Alembic' }
if ($Mapping) { $from.Mapping = $Mapping }

$planned = @($tenants | Import-TenantRevision @from -WhatIf -ErrorAction SilentlyContinue)
foreach ($place in $planned | Group-Object { "$($_.Versions)" }, Status) { "  $($place.Count) at $($place.Group[0].Versions): $($place.Group[0].Status) $($place.Group[0].To)" }
$unfit = @($planned | Where-Object Failure)
foreach ($tenant in $unfit) { "  $($tenant.Error) $($tenant.Failure.RecommendedAction)" }
if ($unfit) { "FAILED: $($unfit.Count) of $($tenants.Count) cannot be adopted. Nothing was written."; exit 2 }

$imported = @($tenants | Import-TenantRevision @from -Confirm:$false)
"Adopted: $(($imported | Group-Object Status -NoElement | ForEach-Object { "$($_.Count) $($_.Name)" }) -join ', ')."

# Alembic's own table is in no manifest; it may be dropped by a revision once nobody needs it.
$null = $tenants | Compare-TenantSchema -Exclude table:alembic_version -ErrorAction SilentlyContinue -OutVariable compared
$other = @($compared | Where-Object Status -ne Equal)
foreach ($shape in $other | Group-Object Status, Shape) {
    "  $($shape.Count) $($shape.Group[0].Status): $($shape.Group.Name | Select-Object -First 5 | Join-String -Separator ', ')"
    foreach ($difference in $shape.Group[0].Differences) { "    $difference" }
}
$report = $compared | Export-TenantReport -Path (Join-Path $ReportFolder "adopted-$([datetime]::UtcNow.ToString('yyyyMMdd-HHmmss')).html") -Force
"Report: $report"
if ($other) { "NOT DONE: all $($tenants.Count) are adopted, $($other.Count) differ from what their revision says."; exit 3 }
"OK: all $($tenants.Count) are adopted and as their revisions say. Let Alembic rest from now on."
