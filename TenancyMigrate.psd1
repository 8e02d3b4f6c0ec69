@{
    RootModule           = 'bin/TenancyMigrate.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '5f0c2a9e-6d0b-4b6f-9c1e-7a3d8c4e21b7'
    Author               = 'The TenancyMigrate authors'
    CompanyName          = 'The TenancyMigrate authors'
    Copyright            = '(c) The TenancyMigrate authors. MIT licence.'
    Description          = 'Write a PostgreSQL migration once as a YAML manifest, then bring every tenant schema to it, safely, from a PowerShell pipeline: Get-Tenant | Invoke-TenantMigration.'
    CompatiblePSEditions = @('Core')
    PowerShellVersion    = '7.4'
    FormatsToProcess     = @('TenancyMigrate.Format.ps1xml')
    CmdletsToExport      = @(
        'Compare-TenantSchema'
        'Connect-TenantDatabase'
        'Copy-Tenant'
        'Disconnect-TenantDatabase'
        'Export-TenantMigrationScript'
        'Export-TenantReport'
        'Get-Tenant'
        'Get-TenantHistory'
        'Get-TenantMigration'
        'Get-TenantRevision'
        'Get-TenantRun'
        'Import-TenantRevision'
        'Invoke-TenantMigration'
        'Measure-TenantMigration'
        'Merge-TenantMigration'
        'New-Tenant'
        'New-TenantMigration'
        'Remove-Tenant'
        'Rename-Tenant'
        'Repair-TenantMigration'
        'Set-TenantRevision'
        'Test-TenantMigration'
        'Undo-TenantMigration'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            Tags         = @('PostgreSQL', 'Migration', 'Schema', 'Database', 'MultiTenant', 'DevOps', 'YAML', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            LicenseUri   = 'https://spdx.org/licenses/MIT.html'
            ReleaseNotes = 'CHANGELOG.md in the folder of the module has what is new, by version.'
        }
    }
}
