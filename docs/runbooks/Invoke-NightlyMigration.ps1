<#
.SYNOPSIS
Brings every tenant to the latest revision, unattended, within a window of time.
.DESCRIPTION
Goes on with the run that the last night left, where there is one with the same manifests; else begins a new one. A tenant that fails stops no other, unless there are more than -MaxFailures.

Exit codes: 0 every tenant is where it was to be; 1 the job could not run, the error says why; 2 tenants failed, the others are done; 3 tenants were not reached, the next run goes on with them.
.EXAMPLE
pwsh -NoProfile -NonInteractive -File Invoke-NightlyMigration.ps1 -Project /srv/migrations -Server postgresql://migrator@db1.example.com/app -ReportFolder /var/log/tenants
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

    # How long it may take. Nothing is started that would not end by then.
    [string] $TimeBudget = '2h',

    # How many tenants may fail, a number or a part of all, before nothing new is started.
    [string] $MaxFailures = '5%'
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

$run = @{}
$stopped = Get-TenantRun -Resumable | Where-Object Direction -eq up | Select-Object -First 1
if ($stopped) {
    "Goes on with run $stopped of $($stopped.Started.ToString('u')), which was stopped."
    $run.Resume = $stopped.RunId
}

# With Stop, the first tenant that fails would end the run. What a throw ends keeps nothing but the variable.
$broken, $results = $null, @()
try { $null = Invoke-TenantMigration @run -TimeBudget $TimeBudget -MaxFailures $MaxFailures -Summary -Confirm:$false -ErrorAction SilentlyContinue -OutVariable results }
catch { $broken = $_ }

$summary = $results | Where-Object { $_ -is [Tenancy.Model.MigrationSummary] }
if (-not $summary) { throw $broken }
if ($summary.Count -eq 0) { throw "There are no tenants in $($database.Server)/$($database.Database). Is it the right database?" }

foreach ($failure in $summary.Failures) { "  $($failure.Count) $($failure.ErrorId): $($failure.Names -join ', '): $($failure.Message)" }
$report = $results | Export-TenantReport -Path (Join-Path $ReportFolder "tenants-$($summary.Started.ToString('yyyyMMdd-HHmmss')).html") -Force
"Run $($summary.RunId), $([int] $summary.Seconds) s. Report: $report"

if ($broken) { "FAILED: $broken"; exit 1 }
if ($summary.FailedCount) { "FAILED: $($summary.FailedCount) of $($summary.Count) failed ($summary)."; exit 2 }
if ($summary.IncompleteCount) { "NOT DONE: $($summary.IncompleteCount) of $($summary.Count) were not reached ($summary). The next run goes on with them."; exit 3 }
"OK: $summary."
