# Runs scripts, one a line of JSON on the input, each in a new runspace with the module; answers each with a line of JSON.
param([string] $Module)

$ErrorActionPreference = 'Stop'
$utf8 = [System.Text.UTF8Encoding]::new($false)
$reader = [System.IO.StreamReader]::new([Console]::OpenStandardInput(), $utf8)
$writer = [System.IO.StreamWriter]::new([Console]::OpenStandardOutput(), $utf8)

function Convert-Record($record) {
    if ($null -eq $record) { return $null }
    @{
        id       = $record.FullyQualifiedErrorId
        category = [string] $record.CategoryInfo.Category
        message  = if ($record.ErrorDetails) { $record.ErrorDetails.Message } else { $record.Exception.Message }
        action   = if ($record.ErrorDetails) { $record.ErrorDetails.RecommendedAction }
        target   = [string] $record.TargetObject
        type     = $record.Exception.GetType().FullName
    }
}

while ($null -ne ($line = $reader.ReadLine())) {
    $request = $line | ConvertFrom-Json
    $runspace = [runspacefactory]::CreateRunspace()
    $runspace.Open()
    $shell = [powershell]::Create()
    $shell.Runspace = $runspace
    $answer = @{ text = ''; output = '[]'; ended = $null }
    try {
        $null = $shell.AddScript('param($module, $location) Import-Module $module; Set-Location -LiteralPath $location').AddArgument($Module).AddArgument($request.location).Invoke()
        $shell.Commands.Clear()
        $shell.Streams.ClearStreams()
        $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
        $inputs = [System.Management.Automation.PSDataCollection[psobject]]::new()
        $inputs.Complete()
        try {
            $null = $shell.AddScript($request.script)
            $shell.Invoke($inputs, $output)
        }
        catch {
            $cause = $_.Exception
            while ($cause -and -not ($cause.PSObject.Properties['ErrorRecord'] -and $cause -isnot [System.Management.Automation.MethodInvocationException])) { $cause = $cause.InnerException }
            $answer.ended = Convert-Record $(if ($cause) { $cause.ErrorRecord } else { $_ })
        }
        $answer.errors = @($shell.Streams.Error | ForEach-Object { Convert-Record $_ })
        $answer.warnings = @($shell.Streams.Warning | ForEach-Object Message)
        $answer.verbose = @($shell.Streams.Verbose | ForEach-Object Message)
        $answer.debug = @($shell.Streams.Debug | ForEach-Object Message)
        $answer.progress = @($shell.Streams.Progress | ForEach-Object { @{ id = $_.ActivityId; parent = $_.ParentActivityId; activity = $_.Activity; status = $_.StatusDescription; isCompleted = $_.RecordType -eq 'Completed' } })
        $shell.Commands.Clear()
        $answer.output = ConvertTo-Json -InputObject @($output) -Depth 6 -Compress -EnumsAsStrings -WarningAction Ignore
        # In the request's runspace: it has the module's formats.
        $answer.text = [string] $shell.AddCommand('Out-String').AddParameter('Width', 120).Invoke($output)[0]
    }
    catch {
        $answer.ended = Convert-Record $_
    }
    finally {
        $shell.Dispose()
        $runspace.Dispose()
    }
    $writer.WriteLine((ConvertTo-Json -InputObject $answer -Depth 8 -Compress))
    $writer.Flush()
}
