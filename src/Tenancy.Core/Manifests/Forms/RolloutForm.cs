using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>What a rollout file may hold.</summary>
internal static class RolloutForm
{
    private static readonly TextForm Pattern = new("a name, in which * and ? stand for others", CheckPattern);

    private static readonly ObjectForm Match = new("a mapping with 'names' or 'labels' or both",
        new FormKey("names", new ListForm(Pattern, "a name or a list of names", allowsSingle: true), "Names of tenants, with * and ?; one of them must fit."),
        new FormKey("labels", new MapForm(CommonForms.Name, new ListForm(Pattern, "a value or a list of values", allowsSingle: true), "a mapping such as {ring: canary}"), "Labels by name, with values that may hold * and ?; of each label one value must fit."));

    private static readonly ObjectForm Ring = new("a mapping with 'name'",
        new FormKey("name", CommonForms.Name, "The ring's name; rest is the ring of all that no other one takes.", IsRequired: true),
        new FormKey("match", Match, "Whom it takes, of those that no ring before it takes. Without it, all of them: only the last ring may."),
        new FormKey("parallel", new IntegerForm(1), "How many tenants of a database are worked on at once; -ThrottleLimit unless set."),
        new FormKey("max_failures", new FailureLimitForm(), "How many of its tenants may fail, or how many percent; with one more, nothing new is started. -MaxFailures unless set, else none."),
        new FormKey("soak", CommonForms.Duration, "How long to wait, once its tenants are done, before it is verified and the next ring begins."),
        new FormKey("verify", CommonForms.BooleanQuery, "A query that must give true in each of its databases before the next ring begins. It can only read."));

    /// <summary>The rollout file.</summary>
    public static readonly ObjectForm Form = new("a mapping with 'rings'",
        new FormKey("rings", new ListForm(Ring, "a list of rings"), "The rings, in their order: the canary first.", IsRequired: true),
        new FormKey("shared", CommonForms.Name, "The ring with which pending shared revisions run; the first unless set."));

    private static TextFault? CheckPattern(string text)
    {
        try
        {
            _ = new NamePattern(text, ignoreCase: true);
            return null;
        }
        catch (TenancyException error)
        {
            return new TextFault($"cannot be read: {error.RecommendedAction}");
        }
    }
}
