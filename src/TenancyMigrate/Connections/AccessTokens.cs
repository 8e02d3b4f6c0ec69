using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Net;
using System.Security;
using Tenancy.Model;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Connections;

/// <summary>Access tokens as passwords.</summary>
internal static class AccessTokens
{
    /// <summary>Gives the token to each new connection.</summary>
    /// <param name="token">A SecureString, or a script block that gives one; the script block runs on the pipeline's thread.</param>
    /// <param name="pump">What runs things there.</param>
    public static Func<CancellationToken, ValueTask<string>> MakeProvider(object token, PipelinePump pump) =>
        token is ScriptBlock script
            ? async _ => await pump.AskAsync(() => Reveal(script)).ConfigureAwait(false)
            : _ => new ValueTask<string>(Reveal((SecureString)token));

    private static string Reveal(ScriptBlock script)
    {
        const string Form = "End it with the token alone, such as { (Get-AzAccessToken -ResourceTypeName OssRdbms -AsSecureString).Token }; for a program that prints it: { aws rds generate-db-auth-token … | ConvertTo-SecureString -AsPlainText }.";
        try
        {
            var answer = script.Invoke();
            return answer.Count == 1 && answer[0]?.BaseObject is SecureString secret
                ? Reveal(secret)
                : throw new TenancyException("InvalidAccessToken", $"The script block of -AccessToken gave {Describe(answer)} where one SecureString is needed.", Form);
        }
        catch (RuntimeException error) when (error is not PipelineStoppedException)
        {
            throw new TenancyException("InvalidAccessToken", "The script block of -AccessToken failed: " + error.Message, Form, error);
        }
    }

    // Never the thing itself: it may be the token.
    private static string Describe(Collection<PSObject?> answer) => answer switch
    {
        [] or [null] => "nothing",
        [{ BaseObject: var only }] => $"a {only.GetType().Name}",
        _ => $"{answer.Count} objects",
    };

    private static string Reveal(SecureString secret) => new NetworkCredential("", secret).Password;
}

/// <summary>Lets through what can be an access token.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AccessTokenTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            SecureString secret => secret,
            ScriptBlock script => script,
            _ => throw new ArgumentTransformationMetadataException(
                "An access token is a SecureString, or a script block that gives one. For a text: ConvertTo-SecureString $text -AsPlainText."),
        };
}
