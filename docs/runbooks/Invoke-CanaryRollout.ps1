<#
.SYNOPSIS
Migrates a fleet in rings: the canary first, then, when that has soaked and its query holds, the rest.
.DESCRIPTION
Judges the statements, rehearses the canary, then begins the rollout; or goes on with the one that was stopped, where its manifests and rings are as they were. Run it again and again, every hour, say, until it ends with 0: a soak is not a process that waits, and rings that are done are not repeated.

Exit codes: 0 every ring is done; 1 the job could not run, the error says why; 2 a ring or its query failed, or a statement or the rehearsal did before anything was changed: a person is to look; 3 rings are left, for a soak or for lack of time: run it again.
.EXAMPLE
pwsh -NoProfile -NonInteractive -File Invoke-CanaryRollout.ps1 -Project /srv/migrations -Rollout /srv/migrations/rollout.yaml -TimeBudget 50min
#>
#Requires -Version 7.4
#Requires -Modules TenancyMigrate
[CmdletBinding()]
param(
    # The folder of tenancy.yaml.
    [Parameter(Mandatory)]
    [string] $Project,

    # The rings; the first is the canary.
    [Parameter(Mandatory)]
    [string] $Rollout,

    # Role, server and database, without a password: that is in the password file or PGPASSWORD. Default: the PG* variables and the service file, as psql.
    [string] $Server,

    # Where the report goes, a file a run.
    [string] $ReportFolder = '.',

    # How long this call may take; of a soak that lasts longer the rest is left to the next one.
    [string] $TimeBudget = '50min',

    # Begins anew, whatever was stopped: after the rings were changed.
    [switch] $New
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

$stopped = if (-not $New) { Get-TenantRun -Resumable | Where-Object { $_.Direction -eq 'up' -and $_.Ring } | Select-Object -First 1 }
if ($stopped) {
    "Goes on with run $stopped of $($stopped.Started.ToString('u')), which came to ring '$($stopped.Ring)'."
    $run = @{ Resume = $stopped.RunId }
}
else {
    $run = @{}
    # The first ring that has something to do.
    $plans = @(Get-Tenant | Invoke-TenantMigration -Rollout $Rollout -WhatIf -ErrorAction SilentlyContinue -WarningAction SilentlyContinue | Where-Object { $_.Steps -and $_.Scope -eq 'tenant' })
    if (-not $plans) { 'OK: nothing is pending.'; exit 0 }
    $canary = @($plans | Where-Object Ring -eq $plans[0].Ring)

    $findings = @(Get-Tenant | Test-TenantMigration -ErrorAction SilentlyContinue | Where-Object Severity -ne Note)
    foreach ($finding in $findings) { "  $($finding.Severity): $finding" }
    if ($findings | Where-Object Severity -eq Error) { 'FAILED: the statements above are not safe. Nothing was changed.'; exit 2 }

    $rehearsals = @($canary | Invoke-TenantMigration -Rehearse -ErrorAction SilentlyContinue)
    $would = @($rehearsals | Where-Object Status -eq WouldFail)
    foreach ($rehearsal in $would) { "  $($rehearsal.Name): $($rehearsal.Failure.Message)" }
    if ($would) { "FAILED: $($would.Count) of ring '$($canary[0].Ring)' would fail. Nothing was changed."; exit 2 }
    "Rehearsed ring '$($canary[0].Ring)': $(($rehearsals | Group-Object Status -NoElement | ForEach-Object { "$($_.Count) $($_.Name)" }) -join ', ')."
}

# With Stop, the first tenant that fails would end the run. What a throw ends keeps nothing but the variable.
$broken, $results = $null, @()
try { $null = Invoke-TenantMigration @run -Rollout $Rollout -TimeBudget $TimeBudget -Summary -Confirm:$false -ErrorAction SilentlyContinue -OutVariable results }
catch { $broken = $_ }

$summary = $results | Where-Object { $_ -is [Tenancy.Model.MigrationSummary] }
if (-not $summary) { throw $broken }

$tenants = @($results | Where-Object { $_ -is [Tenancy.Model.MigrationResult] })
foreach ($ring in $tenants | Where-Object Ring | Select-Object -ExpandProperty Ring -Unique) {
    "  ring '$ring': $(($tenants | Where-Object Ring -eq $ring | Group-Object Status -NoElement | ForEach-Object { "$($_.Count) $($_.Name)" }) -join ', ')"
}
foreach ($failure in $summary.Failures) { "  $($failure.Count) $($failure.ErrorId): $($failure.Names -join ', '): $($failure.Message)" }
$report = $results | Export-TenantReport -Path (Join-Path $ReportFolder "rollout-$($summary.Started.ToString('yyyyMMdd-HHmmss')).html") -Force
"Run $($summary.RunId), $([int] $summary.Seconds) s. Report: $report"

if ($broken) { "FAILED: $broken"; exit 2 }
if ($summary.FailedCount -or ($summary.Failures | Where-Object ErrorId -eq RingNotVerified)) { "FAILED: the rollout stopped ($summary). Mend the cause and run this again: it goes on with the ring that failed."; exit 2 }
if ($summary.IncompleteCount) { "NOT DONE: $($summary.IncompleteCount) tenants are left ($summary). Run this again."; exit 3 }
"OK: $summary."
