namespace TenancyMigrate.Packaging;

/// <summary>Why there is no package, as a person who builds it reads it.</summary>
internal sealed class PackagingException(string message) : Exception(message);
