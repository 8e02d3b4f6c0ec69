using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>What changes about a table, or how it was (manual, ALTER TABLE).</summary>
/// <param name="Parameters">Storage parameters.</param>
/// <param name="IsUnlogged">Is no log written for it? Null leaves it.</param>
/// <param name="ReplicaIdentity">What logical replication tells rows apart by, in SQL; null leaves it.</param>
/// <param name="ClusterOn">The index that CLUSTER goes by, or nothing for none; null leaves it.</param>
public sealed record TableChange(ParameterChanges Parameters, bool? IsUnlogged, string? ReplicaIdentity, OptionalValue? ClusterOn)
{
    /// <summary>The keys of a change.</summary>
    internal static readonly ImmutableArray<FormKey> Keys =
    [
        StorageParameters.ChangeOf("fillfactor"),
        new("unlogged", CommonForms.Flag, "True writes no log for it: faster, and empty after a crash. Either way the table is written anew, and nobody may use it meanwhile."),
        new("replica_identity", new EitherForm(new ChoiceForm("default", "full", "nothing"), new ObjectForm("{index: name}",
            new FormKey("index", CommonForms.Name, "A unique index without nulls.", IsRequired: true))), "What logical replication tells its rows apart by."),
        new("cluster_on", new EitherForm(CommonForms.Name, new NullForm()), "The index that CLUSTER goes by; null for none."),
    ];

    /// <summary>Does nothing change?</summary>
    public bool IsEmpty => Parameters.IsEmpty && IsUnlogged is null && ReplicaIdentity is null && ClusterOn is null;

    /// <summary>Builds it from checked values.</summary>
    internal static TableChange Build(Fields fields) => new(
        ParameterChanges.Build(fields),
        fields.OptionalFlag("unlogged"),
        fields.Node("replica_identity") switch
        {
            null => null,
            YamlScalar word => word.Value.ToUpperInvariant(),
            var index => $"USING INDEX {SqlIdentifier.Quote(Fields.Of(index).Text("index"))}",
        },
        fields.Optional("cluster_on"));

    /// <summary>What ALTER TABLE says.</summary>
    public IEnumerable<string> Actions()
    {
        string?[] actions =
        [
            IsUnlogged is { } unlogged ? $"SET {(unlogged ? "UNLOGGED" : "LOGGED")}" : null,
            ReplicaIdentity is null ? null : $"REPLICA IDENTITY {ReplicaIdentity}",
            ClusterOn is null ? null : ClusterOn.Text is { } index ? $"CLUSTER ON {SqlIdentifier.Quote(index)}" : "SET WITHOUT CLUSTER",
        ];
        return Parameters.Actions().Concat(actions.OfType<string>());
    }

    /// <summary>What these change and <paramref name="was"/> does not tell; null when all can be put back.</summary>
    internal string? Missing(TableChange? was) =>
        Parameters.Missing(was?.Parameters) is { } parameter ? $"with: {{{parameter}: ...}}"
        : ReplicaIdentity is not null && was?.ReplicaIdentity is null ? "replica_identity: ..."
        : ClusterOn is not null && was?.ClusterOn is null ? "cluster_on: ..."
        : null;

    /// <summary>What puts back what these change.</summary>
    internal TableChange Back(TableChange? was) => new(
        Parameters.Back(was?.Parameters),
        !IsUnlogged,
        ReplicaIdentity is null ? null : was!.ReplicaIdentity,
        ClusterOn is null ? null : was!.ClusterOn);
}
