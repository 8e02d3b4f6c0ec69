<#
.SYNOPSIS
Brings every tenant of a fleet in Azure Database for PostgreSQL to the latest revision, as a runbook of Azure Automation.
.DESCRIPTION
Logs in with the managed identity, whose tokens are fetched anew as they end. The manifests are a zip in a storage account, which the identity may read; the report goes to a container that it may write. There is no prompt and no progress. A job that Azure stops, or that begins again on another worker, goes on with the run that was stopped.

The job fails where a tenant fails, when all others are done. Where time is over before all are reached it completes, with a warning: the next start goes on.
.NOTES
Runtime environment PowerShell 7.4, with TenancyMigrate as a package.
#>
#Requires -Version 7.4
#Requires -Modules TenancyMigrate
[CmdletBinding()]
param(
    # Role, server and database: postgresql://<name of the identity>@contoso.postgres.database.azure.com/app. An @ in the name is %40.
    [Parameter(Mandatory)]
    [string] $Server,

    # The zip with tenancy.yaml at its top: https://contoso.blob.core.windows.net/migrations/app.zip.
    [Parameter(Mandatory)]
    [uri] $ProjectArchive,

    # Where the report goes: https://contoso.blob.core.windows.net/reports. Default: nowhere.
    [uri] $ReportContainer,

    # The client id of a user-assigned identity. Default: the system-assigned one.
    [string] $ClientId,

    # How long it may take: less than the three hours after which Azure stops a job.
    [string] $TimeBudget = '165min',

    # How many tenants of a database are worked on at once.
    [int] $ThrottleLimit = 4,

    # How many tenants may fail, a number or a part of all, before nothing new is started.
    [string] $MaxFailures = '5%',

    # Gives an access token for a resource, with access_token and expires_on (seconds since 1970), as the identity's endpoint does.
    [scriptblock] $GetToken = {
        param([string] $Resource)
        $query = "resource=$([uri]::EscapeDataString($Resource))" + $($ClientId ? "&client_id=$ClientId" : '')
        Invoke-RestMethod -Uri "${env:IDENTITY_ENDPOINT}?$query" -Headers @{ 'X-IDENTITY-HEADER' = $env:IDENTITY_HEADER; Metadata = 'True' }
    }
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$ConfirmPreference = 'None'

# A token is asked for with each new connection, of which a run has many; it is fetched anew when it has five minutes left.
$tokens = @{}
function Get-FreshToken([string] $Resource) {
    $kept = $tokens[$Resource]
    if (-not $kept -or [datetimeoffset]::UtcNow -gt $kept.Ends.AddMinutes(-5)) {
        $answer = & $GetToken $Resource
        $kept = $tokens[$Resource] = @{
            Token = ConvertTo-SecureString $answer.access_token -AsPlainText
            Ends  = [datetimeoffset]::FromUnixTimeSeconds([long] $answer.expires_on)
        }
    }
    $kept.Token
}

function Invoke-Storage([uri] $Uri, [hashtable] $More) {
    Invoke-WebRequest -Uri $Uri -Authentication Bearer -Token (Get-FreshToken 'https://storage.azure.com/') -AllowUnencryptedAuthentication:$Uri.IsLoopback -MaximumRetryCount 3 @More
}

$folder = New-Item -ItemType Directory -Path ([IO.Path]::GetTempPath()) -Name "tenants-$([guid]::NewGuid())"
try {
    $version = @{ 'x-ms-version' = '2023-11-03' }
    Invoke-Storage $ProjectArchive @{ OutFile = "$folder/project.zip"; Headers = $version }
    Expand-Archive "$folder/project.zip" "$folder/project"

    $database = Connect-TenantDatabase -Server $Server -Project "$folder/project" -AccessToken { Get-FreshToken 'https://ossrdbms-aad.database.windows.net' }
    "Connected to $($database.Server)/$($database.Database) as $($database.UserName)."

    $run = @{}
    $stopped = Get-TenantRun -Resumable | Where-Object Direction -eq up | Select-Object -First 1
    if ($stopped) {
        "Goes on with run $stopped of $($stopped.Started.ToString('u')), which was stopped."
        $run.Resume = $stopped.RunId
    }

    # With Stop, the first tenant that fails would end the run. What a throw ends keeps nothing but the variable.
    $broken, $results = $null, @()
    try { $null = Invoke-TenantMigration @run -TimeBudget $TimeBudget -ThrottleLimit $ThrottleLimit -MaxFailures $MaxFailures -Summary -ErrorAction SilentlyContinue -OutVariable results }
    catch { $broken = $_ }

    $summary = $results | Where-Object { $_ -is [Tenancy.Model.MigrationSummary] }
    if (-not $summary) { throw $broken }
    if ($summary.Count -eq 0) { throw "There are no tenants in $($database.Server)/$($database.Database). Is it the right database?" }

    foreach ($failure in $summary.Failures) { "  $($failure.Count) $($failure.ErrorId): $($failure.Names -join ', '): $($failure.Message)" }
    "Run $($summary.RunId), $([int] $summary.Seconds) s."
    if ($ReportContainer) {
        $report = $results | Export-TenantReport -Path "$folder/tenants-$($summary.Started.ToString('yyyyMMdd-HHmmss')).html"
        $null = Invoke-Storage "$ReportContainer/$($report.Name)" @{ Method = 'Put'; InFile = $report; ContentType = 'text/html; charset=utf-8'; Headers = $version + @{ 'x-ms-blob-type' = 'BlockBlob' } }
        "Report: $ReportContainer/$($report.Name)"
    }

    # Nothing but an error that ends the runbook makes the job Failed.
    if ($broken) { throw $broken }
    if ($summary.FailedCount) { throw "FAILED: $($summary.FailedCount) of $($summary.Count) failed ($summary)." }
    if ($summary.IncompleteCount) { Write-Warning "NOT DONE: $($summary.IncompleteCount) of $($summary.Count) were not reached ($summary). The next start goes on with them." }
    else { "OK: $summary." }
}
finally {
    Disconnect-TenantDatabase
    Remove-Item -LiteralPath $folder -Recurse -Force
}
