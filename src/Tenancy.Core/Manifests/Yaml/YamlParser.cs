using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tenancy.Core.Manifests.Yaml;

/// <summary>YamlDotNet's parser, with every error as <see cref="YamlException"/>: it has states that it did not foresee, such as a '-' where a flow mapping goes on, and tags that are no URI.</summary>
/// <param name="text">The text.</param>
internal sealed class YamlParser(string text) : IParser
{
    private readonly Parser parser = new(new StringReader(text));

    /// <inheritdoc/>
    public ParsingEvent? Current => parser.Current;

    /// <inheritdoc/>
    public bool MoveNext()
    {
        try
        {
            return parser.MoveNext();
        }
        catch (InvalidOperationException error)
        {
            throw new YamlException("A bracket or brace is perhaps not closed.", error);
        }
        catch (ArgumentException error)
        {
            throw new YamlException("A tag (what begins with '!') is none.", error);
        }
    }
}
