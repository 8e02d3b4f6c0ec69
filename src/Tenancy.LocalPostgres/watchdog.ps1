# As watchdog.sh, for Windows: ends the server and removes its folder once the process that started it has ended.
$ErrorActionPreference = 'SilentlyContinue'
[Console]::In.ReadToEnd() | Out-Null
$data = Join-Path $env:TENANCY_SERVER_FOLDER 'data'
foreach ($try in 1..60) {
    & (Join-Path $env:TENANCY_SERVER_BIN 'pg_ctl.exe') stop -D $data -m immediate -w -t 5 *> $null
    Remove-Item -LiteralPath $env:TENANCY_SERVER_FOLDER -Recurse -Force
    if (-not (Test-Path -LiteralPath $env:TENANCY_SERVER_FOLDER)) { exit 0 }
    Start-Sleep -Milliseconds 500
}
exit 1
