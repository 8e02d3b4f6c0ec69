namespace Tenancy.Core.Operations;

/// <summary>A kind of object that its name alone tells from others of its kind.</summary>
/// <param name="Key">What operations call it: <c>create_</c> or <c>drop_</c> and this.</param>
/// <param name="Sql">What SQL calls it.</param>
/// <param name="Example">What <c>was</c> may hold, for messages.</param>
public sealed record ObjectKind(string Key, string Sql, string Example)
{
    /// <summary>The operation that creates one.</summary>
    public string CreateKey => $"create_{Key}";

    /// <summary>The operation that drops one.</summary>
    public string DropKey => $"drop_{Key}";

    /// <summary>What people call it.</summary>
    public string Words => Key.Replace('_', ' ');
}
