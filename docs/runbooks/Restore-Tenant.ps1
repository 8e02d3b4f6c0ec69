<#
.SYNOPSIS
Puts one tenant back to what a dump has, and brings it to the latest revision again.
.DESCRIPTION
The dump is of pg_dump --format=custom --schema=<the tenant's schema>, of whatever age. The schema as it is now is kept under another name, the dump is restored beside it, and the restored schema's shape says at which revision it was dumped. Until that is known the tenant shows as Recreated, and no run touches it.

Exit codes: 0 the tenant is at the latest revision; 1 something went wrong, the error says what, and the last lines say how far it came.
.EXAMPLE
pwsh -NoProfile -File Restore-Tenant.ps1 -Project /srv/migrations -Tenant acme -Dump /backup/acme-20261124.dump
#>
#Requires -Version 7.4
#Requires -Modules TenancyMigrate
[CmdletBinding()]
param(
    # The folder of tenancy.yaml.
    [Parameter(Mandatory)]
    [string] $Project,

    # The tenant's name.
    [Parameter(Mandatory)]
    [string] $Tenant,

    # The dump.
    [Parameter(Mandatory)]
    [string] $Dump,

    # Role, server and database, as postgresql://role@host/database without a password: that is in the password file or PGPASSWORD. Default: the PG* variables and the service file.
    [string] $Server,

    # Where the report goes.
    [string] $ReportFolder = '.'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$PSNativeCommandUseErrorActionPreference = $true

# Before anything is changed: a report that nobody could write would be missed afterwards.
$null = New-Item -ItemType Directory -Force $ReportFolder
$connection = @{ Project = $Project }
if ($Server) { $connection.Server = $Server }
$database = Connect-TenantDatabase @connection
# What psql and pg_restore take as --dbname.
$target = $Server ? $Server : $database.Database
"Connected to $($database.Server)/$($database.Database) as $($database.UserName)."

$found = Get-Tenant $Tenant
if (-not (pg_restore --list $Dump | Select-String -SimpleMatch " SCHEMA - $($found.Schema) ")) { throw "$Dump has no schema $($found.Schema)." }

# Nothing is lost: what is there now stays, under a name that no pattern of tenants takes.
$kept = "kept_$([datetime]::UtcNow.ToString('yyyyMMddHHmmss'))_$($found.Schema)"
$kept = $kept.Substring(0, [Math]::Min(63, $kept.Length))
$quote = { '"' + $args[0].Replace('"', '""') + '"' }
$rename = 'ALTER SCHEMA {0} RENAME TO {1}'
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=$target "--command=$($rename -f (& $quote $found.Schema), (& $quote $kept))"
"The schema $($found.Schema) is kept as $kept."

try { pg_restore --exit-on-error --single-transaction --dbname=$target $Dump }
catch {
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=$target "--command=$($rename -f (& $quote $kept), (& $quote $found.Schema))"
    "The dump could not be restored; the schema $($found.Schema) is back as it was."
    throw
}

$state = Get-TenantRevision $Tenant | Where-Object Scope -eq tenant
"Restored: $Tenant shows as $($state.Status)."

$said = Set-TenantRevision -Tenant $Tenant -FromShape -Confirm:$false
"Its shape says that it was dumped at $($said.To ? $said.To : 'base')."

$results = @(Invoke-TenantMigration $Tenant -Confirm:$false)
$report = $results | Export-TenantReport -Path (Join-Path $ReportFolder "restored-$Tenant-$([datetime]::UtcNow.ToString('yyyyMMdd-HHmmss')).html") -Force
"Report: $report"
"When nobody needs it any more: DROP SCHEMA $(& $quote $kept) CASCADE"
"OK: $Tenant is at $(($results | Where-Object Scope -eq tenant).To)."
