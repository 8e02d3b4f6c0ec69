using System.Collections.Immutable;
using Tenancy.Core.Catalog.Diffs.Values;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Which objects go, come and change, and which have to go for a while because of another. Each stands in one of the sets; what stays as it is stands in none.</summary>
internal sealed class ChangedObjects
{
    /// <summary>What PostgreSQL refuses to keep while the type of a column changes that it uses, or would keep in another form (manual, ALTER TABLE; <c>ATExecAlterColumnType</c>).</summary>
    private static readonly ImmutableHashSet<string> TiedToType = ["view", "materialized_view", "rule", "policy", "trigger", "function", "procedure", ObjectSet.Default];

    /// <summary>Types that are compared with each other, whichever of them stands on which side of a key.</summary>
    private static readonly ImmutableArray<ImmutableHashSet<string>> Alike = [ValueKinds.Whole, ["text", "character varying"]];

    private static readonly ImmutableHashSet<string> Types = ["enum", "domain", "composite_type", "range_type"];

    private readonly DiffContext context;
    private readonly HashSet<ObjectIdentity> changed = [];

    /// <summary>Compares the schemas; notes in the context what cannot be said, what is made, and which columns change their type.</summary>
    /// <param name="context">Both schemas.</param>
    public ChangedObjects(DiffContext context)
    {
        this.context = context;
        Classify();
        RebuildDomains();
        Spread(new(Dropped.Concat(TakenAlong).Concat(Replaced).Concat(context.Retyped)));
        MoveAside();
        Follow();
    }

    /// <summary>What goes and does not come again.</summary>
    public HashSet<ObjectIdentity> Dropped { get; } = [];

    /// <summary>What comes that was not there.</summary>
    public HashSet<ObjectIdentity> Created { get; } = [];

    /// <summary>What is changed in place.</summary>
    public HashSet<ObjectIdentity> Altered { get; } = [];

    /// <summary>What goes and comes again, changed or as it was.</summary>
    public HashSet<ObjectIdentity> Replaced { get; } = [];

    /// <summary>Types among these that stay, under another name, until the columns that use them have the new one.</summary>
    public HashSet<ObjectIdentity> Aside { get; } = [];

    /// <summary>Columns that hold text for a while, because their type can neither change nor move aside.</summary>
    public HashSet<ObjectIdentity> Parked { get; } = [];

    /// <summary>What parents' statements leave of what comes or changes with them, where that is not what is wanted.</summary>
    public Dictionary<ObjectIdentity, CatalogObject> Left { get; } = [];

    /// <summary>Columns that go with their parent's.</summary>
    private HashSet<ObjectIdentity> TakenAlong { get; } = [];

    private ObjectSet From => context.From;

    private ObjectSet To => context.To;

    /// <summary>True for what goes and comes again though nothing about it has changed.</summary>
    /// <param name="identity">The object.</param>
    public bool IsRebuild(ObjectIdentity identity) => Replaced.Contains(identity) && !changed.Contains(identity);

    private void Classify()
    {
        foreach (var (identity, item) in From.Objects)
        {
            if (identity.Kind == "column" && !To.Objects.ContainsKey(identity) && Inheritance.IsDropped(item, From, To))
            {
                TakenAlong.Add(identity);
            }

            if (!To.Objects.ContainsKey(identity) && !Inheritance.IsDropped(item, From, To) && !Inheritance.IsInheritedDefault(item, context) && !Refused(item, null))
            {
                Dropped.Add(identity);
            }
        }

        foreach (var (identity, item) in To.Objects)
        {
            if (Inheritance.StaysLocal(item, From, To))
            {
                context.Refuse(identity, "PostgreSQL keeps what a table has when it gets a parent as the table's own too, and no statement takes that away. Say it so in the schema that is wanted: ALTER TABLE … INHERIT …, not INHERITS.");
            }

            if (identity.Kind == "column" && Inheritance.Unwanted(item, context) is { } value)
            {
                Dropped.Add(value.Identity);
                Left.Add(value.Identity, value);
            }

            if (!From.Objects.TryGetValue(identity, out var before))
            {
                if (!Inheritance.IsMade(item, From, To) && !Inheritance.Makes(item, context) && !Refused(null, item))
                {
                    Created.Add(identity);
                    context.Created.Add(identity);
                }

                continue;
            }

            if ((before.Equals(item) && !Inheritance.IsFollowing(item, To)) || (identity.Kind != "column" && IsImplied(before) && IsImplied(item)))
            {
                continue;
            }

            var properties = Inheritance.OwnChanges(before, item, context);
            if (properties.IsEmpty || Refused(before, item))
            {
                continue;
            }

            changed.Add(identity);
            if (!Kinds.Of(identity.Kind).CanAlter(before, item, properties, context))
            {
                Replaced.Add(identity);
                continue;
            }

            Altered.Add(identity);
            if (identity.Kind == "column" && properties.Any(static property => property is "type" or "collation"))
            {
                context.Retyped.Add(identity);
            }
        }
    }

    /// <summary>PostgreSQL tries no new condition of a domain on values within arrays, rows and ranges, and refuses it where a column has some (<c>get_rels_with_domain</c>): such a domain is made anew.</summary>
    private void RebuildDomains()
    {
        foreach (var domain in From.Objects.Keys.Where(identity => identity.Kind == "domain" && To.Objects.ContainsKey(identity) && !Replaced.Contains(identity) && IsTried(identity) && IsHeldWithin(identity)).ToList())
        {
            Altered.Remove(domain);
            Replaced.Add(domain);
        }

        bool IsTried(ObjectIdentity domain) => (Altered.Contains(domain) && From.Objects[domain]["nullable"] is null && To.Objects[domain]["nullable"] == "false")
            || Created.Concat(Replaced).Concat(Altered).Any(part => part.Kind == "domain_constraint" && part.Table == domain.Name && !To.Objects[part].Is("not_valid"));

        bool IsHeldWithin(ObjectIdentity type) => From.NeededBy(type).Any(user => user.Kind switch
        {
            "column" => IsArray(user),
            "domain" => IsArray(user) ? IsHeld(user) : IsHeldWithin(user),
            "composite_type" or "range_type" => IsHeld(user),
            _ => false,
        });

        bool IsHeld(ObjectIdentity type) => From.NeededBy(type).Any(user => user.Kind == "column" || (Types.Contains(user.Kind) && IsHeld(user)));

        bool IsArray(ObjectIdentity user) => From.Objects[user]["type"]?.EndsWith("[]", StringComparison.Ordinal) == true;
    }

    /// <summary>What comes along with its parent's gets what it has of its own.</summary>
    private void Follow()
    {
        foreach (var item in To.Objects.Values)
        {
            if (Created.Contains(item.Identity) || Altered.Contains(item.Identity) || Replaced.Contains(item.Identity) || InheritedParts.Left(item, IsMade, context) is not { } left)
            {
                continue;
            }

            if (PartNames.IsOwn(item) && (!From.Objects.ContainsKey(item.Identity) || (Inheritance.Whole(item, To) is { } whole && (IsMade(whole) || IsRebuilt(whole)))))
            {
                if (PartNames.Obstacle(item, context) is { } why)
                {
                    context.Refuse(item.Identity, why);
                    continue;
                }

                left = left.As(left.Identity, left.Properties, PartNames.Chosen(item));
            }

            if (!left.HasPropertiesOf(item) || left.Name() != item.Name())
            {
                Altered.Add(item.Identity);
                Left.Add(item.Identity, left);
            }
        }

        // Where the type of a column changes, PostgreSQL makes indexes of it anew, and their parts under names that it chooses.
        bool IsRebuilt(ObjectIdentity whole) => To.Needs(whole).Any(need => need.Kind == "column" && context.Retyped.Contains(need)) || (Inheritance.Whole(To.Objects[whole], To) is { } above && IsRebuilt(above));

        bool IsMade(ObjectIdentity parent) => Created.Contains(parent) || Replaced.Contains(parent) || (Inheritance.Whole(To.Objects[parent], To) is { } above && IsMade(above));
    }

    private bool Refused(CatalogObject? from, CatalogObject? to)
    {
        var identity = (to ?? from)!.Identity;
        if (Kinds.Of(identity.Kind).Obstacle(from, to, context) is not { } why)
        {
            return false;
        }

        context.Refuse(identity, why);
        return true;
    }

    /// <summary>What its parent's statement makes and drops along: what is inherited, and not the table's own too.</summary>
    private static bool IsImplied(CatalogObject item) => item.Is("inherited") && !item.Is("local");

    /// <summary>Whoever needs what goes or changes its type goes too, and comes again where it is still wanted.</summary>
    private void Spread(Queue<ObjectIdentity> pending)
    {
        while (pending.TryDequeue(out var cause))
        {
            var isGone = Dropped.Contains(cause) || Replaced.Contains(cause) || TakenAlong.Contains(cause);
            foreach (var identity in From.NeededBy(cause))
            {
                if (Dropped.Contains(identity) || Replaced.Contains(identity) || !To.Objects.TryGetValue(identity, out var item) || (IsImplied(item) && (isGone || identity.Kind != "column")))
                {
                    continue;
                }

                if (!isGone)
                {
                    if (identity.Kind == "column" && item.Is("inherited"))
                    {
                        if (context.Retyped.Add(identity))
                        {
                            pending.Enqueue(identity);
                        }
                    }
                    else if (TiedToType.Contains(identity.Kind) || (identity.Kind is "index" or "constraint" && Altered.Contains(identity)) || (identity.Kind == "column" && item["generated"] is not null) || (item["foreign_key"] is not null && IsBroken(identity)))
                    {
                        Replace(identity, pending);
                    }

                    continue;
                }

                if (identity.Kind is "table" or "sequence" or "foreign_table" || (Altered.Contains(identity) && !IsNeeded(identity, cause) && identity.Kind is not ("index" or "constraint") && From.ContainerOf(identity) != cause))
                {
                    // An altered object that does not need it any longer is altered first. A column may get a type by then whose place this one takes.
                    if (identity.Kind == "column" && Types.Contains(cause.Kind))
                    {
                        Aside.Add(cause);
                    }

                    continue;
                }

                if (identity.Kind == "column" && Types.Contains(cause.Kind))
                {
                    Aside.Add(cause);
                    if (context.Retyped.Add(identity))
                    {
                        Altered.Add(identity);
                        pending.Enqueue(identity);
                    }
                }
                else
                {
                    Replace(identity, pending);
                }
            }
        }
    }

    /// <summary>Do columns on both ends of a key get types that the former ones of the other end are not compared with? One end changes before the other, and in between the key cannot be.</summary>
    private bool IsBroken(ObjectIdentity key)
    {
        var columns = From.Needs(key).Where(need => need.Kind == "column" && context.Retyped.Contains(need)).ToList();
        return columns.Count > 1 && (From.Objects[key]["period"] is not null || !columns.TrueForAll(IsAlike));

        bool IsAlike(ObjectIdentity column)
        {
            var (was, type) = (Values.ValueType.Of(From.Objects[column]["type"]!, From, context), Values.ValueType.Of(To.Objects[column]["type"]!, To, context));
            return !was.IsArray && !type.IsArray && Alike.Any(kinds => kinds.Contains(was.Name) && kinds.Contains(type.Name));
        }
    }

    /// <summary>Will an object need another still, or what gets its name: a view in the place of a materialized one?</summary>
    private bool IsNeeded(ObjectIdentity identity, ObjectIdentity other) =>
        To.IsNeeded(identity, other) || ((other.Kind == "column" ? other.Table! : other.Name) is var name && From.Relation(name) is { } was && To.Relation(name) is { } now && now.Identity != was.Identity
            && (other.Kind == "column" || other == was.Identity) && To.Needs(identity).Any(need => need == now.Identity || need.Table == name));

    /// <summary>A type that columns keep using stays, under another name, until they have the new one; so do the types that it is made of.</summary>
    private void MoveAside()
    {
        Aside.IntersectWith(Replaced);
        for (var made = new Queue<ObjectIdentity>(Aside); made.TryDequeue(out var type);)
        {
            foreach (var part in From.Needs(type).Where(part => Types.Contains(part.Kind) && Replaced.Contains(part) && Aside.Add(part)))
            {
                made.Enqueue(part);
            }
        }

        Park();
    }

    /// <summary>A range type does not move aside, nor does what is made of it: the columns that have it are parked.</summary>
    private void Park()
    {
        var types = Aside.Where(static type => type.Kind == "range_type").ToHashSet();
        for (var ranges = new Queue<ObjectIdentity>(types); ranges.TryDequeue(out var range);)
        {
            foreach (var made in From.NeededBy(range).Where(made => Types.Contains(made.Kind) && Aside.Contains(made) && types.Add(made)))
            {
                ranges.Enqueue(made);
            }
        }

        Aside.ExceptWith(types);
        // One that gets a type that is there already waits for nothing.
        var columns = types.SelectMany(From.NeededBy).Where(column => column.Kind == "column" && Altered.Contains(column) && To.Needs(column).Any(need => Types.Contains(need.Kind) && (Replaced.Contains(need) || Created.Contains(need)))).ToHashSet();
        Parked.UnionWith(columns.Where(column => !(From.Objects[column].Is("inherited") && To.Objects[column].Is("inherited"))));

        // Text may not have the operators of their conditions and keys, nor of those of tables that inherit them.
        var pending = new Queue<ObjectIdentity>();
        for (var held = new Queue<ObjectIdentity>(columns); held.TryDequeue(out var column);)
        {
            foreach (var part in From.NeededBy(column).Where(part => !Replaced.Contains(part) && To.Objects.TryGetValue(part, out var item) && (part.Kind == "column" ? item.Is("inherited") : !IsImplied(item))))
            {
                if (part.Kind == "column" && columns.Add(part))
                {
                    held.Enqueue(part);
                }
                else if (part.Kind is "constraint" or "index")
                {
                    Replace(part, pending);
                }
            }
        }

        Spread(pending);
    }

    private void Replace(ObjectIdentity identity, Queue<ObjectIdentity> pending)
    {
        Altered.Remove(identity);
        context.Retyped.Remove(identity);
        Replaced.Add(identity);
        pending.Enqueue(identity);
    }
}
