<#
.SYNOPSIS
Makes the tenants of a CSV file that are not there yet, each at the latest revision.
.DESCRIPTION
The file has the columns Name and Schema; every further column becomes a label. Each tenant is made whole or not at all, so the job may be stopped and run again: what is there already is passed over.

Exit codes: 0 every tenant of the file is there, at the latest revision; 1 the job could not run, the error says why; 2 tenants could not be made.
.EXAMPLE
pwsh -NoProfile -NonInteractive -File Add-TenantList.ps1 -Project /srv/migrations -Path new-customers.csv
#>
#Requires -Version 7.4
#Requires -Modules TenancyMigrate
[CmdletBinding(SupportsShouldProcess)]
param(
    # The folder of tenancy.yaml.
    [Parameter(Mandatory)]
    [string] $Project,

    # The CSV file.
    [Parameter(Mandatory)]
    [string] $Path,

    # Role, server and database, without a password: that is in the password file or PGPASSWORD. Default: the PG* variables and the service file, as psql.
    [string] $Server,

    # Where the report goes.
    [string] $ReportFolder = '.'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$rows = @(Import-Csv -LiteralPath $Path)
foreach ($column in 'Name', 'Schema') {
    if (@($rows | Where-Object { -not $_.$column }).Count -gt 0) { throw "$Path has rows without a $column." }
    $twice = $rows | Group-Object $column | Where-Object Count -gt 1
    if ($twice) { throw "$Path has the same $column twice: $($twice.Name -join ', ')." }
}

# Before anything is changed: a report that nobody could write would be missed afterwards.
$null = New-Item -ItemType Directory -Force $ReportFolder
$connection = @{ Project = $Project }
if ($Server) { $connection.Server = $Server }
$database = Connect-TenantDatabase @connection
"Connected to $($database.Server)/$($database.Database) as $($database.UserName)."

$there = @(Get-Tenant | ForEach-Object Schema)
$missing = @($rows | Where-Object Schema -notin $there)
"$($rows.Count) in the file, $($missing.Count) of them to be made."

$results = @()
if ($missing) { $null = $missing | New-Tenant -WhatIf:$WhatIfPreference -Confirm:$false -ErrorAction SilentlyContinue -OutVariable results }
if ($WhatIfPreference) { return }

# What counts is where they are now, whoever made them.
$states = @(Get-Tenant | Where-Object Schema -in $rows.Schema | Get-TenantRevision | Where-Object Scope -eq tenant)
$failed = @($results | Where-Object { $_.Failure })
foreach ($failure in $failed) { "  $($failure.Name): $($failure.Error) $($failure.Failure.RecommendedAction)" }
$report = $rows | Where-Object Schema -in @($states | ForEach-Object Schema) | Export-TenantReport -Path (Join-Path $ReportFolder "new-tenants-$([datetime]::UtcNow.ToString('yyyyMMdd-HHmmss')).html") -Force
if ($report) { "Report: $report" }

$ready = @($states | Where-Object Status -eq AtHead).Count
if ($ready -lt $rows.Count) { "FAILED: $ready of $($rows.Count) are there at the latest revision, $($failed.Count) could not be made."; exit 2 }
"OK: all $ready are there at the latest revision."
