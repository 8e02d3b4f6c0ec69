# Runs commands one after another as at a prompt, in one session; before what each shows, a line with its number. The commands are a JSON array.
param([string] $Commands)

$PSStyle.OutputRendering = 'PlainText'
$prompt = @{ Commands = [string[]] (Get-Content -Raw -LiteralPath $Commands | ConvertFrom-Json) }
for ($prompt.Number = 0; $prompt.Number -lt $prompt.Commands.Count; $prompt.Number++) {
    [Console]::WriteLine("`u{1}$($prompt.Number)")
    . ([scriptblock]::Create($prompt.Commands[$prompt.Number])) 2>&1 3>&1 | ForEach-Object { $_ -is [System.Management.Automation.WarningRecord] ? "WARNING: $_" : $_ } | Out-String -Width 110 | ForEach-Object { [Console]::Write($_) }
}
