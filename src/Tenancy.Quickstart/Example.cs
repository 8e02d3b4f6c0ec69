using System.Globalization;
using Tenancy.Model;

namespace Tenancy.Quickstart;

/// <summary>The example project, and the tenants that it is shown with.</summary>
internal static class Example
{
    private static readonly string[] Names =
    [
        "alder", "ash", "aspen", "beech", "birch", "cedar", "cherry", "chestnut", "cypress", "elm", "fir", "hazel", "holly",
        "juniper", "larch", "linden", "maple", "oak", "pine", "poplar", "rowan", "spruce", "walnut", "willow", "yew",
    ];

    /// <summary>The folder that holds <c>examples/</c>: it is copied beside the program, so that the program finds it from everywhere.</summary>
    public static string Root => AppContext.BaseDirectory;

    /// <summary>The project's folder.</summary>
    public static string ProjectFolder => Path.Combine(Root, "examples", "saas");

    /// <summary>25 tenants.</summary>
    public static IReadOnlyList<Tenant> Tenants { get; } =
        [.. Names.Select(static (name, index) => new Tenant { Name = name, Schema = name, Labels = { ["ring"] = index < 5 ? "0" : "1" } })];

    /// <summary>The tenant with rows that a later revision refuses.</summary>
    public static Tenant Unlucky => Tenants.Single(static tenant => tenant.Name == "maple");

    /// <summary>Rows as a product writes them: some customers with an order each.</summary>
    public static string RowsOf(Tenant tenant, int customers) => string.Create(CultureInfo.InvariantCulture, $"""
        INSERT INTO {tenant.Schema}.product (code, price) SELECT 'P' || n, n FROM generate_series(1, 10) AS n;
        INSERT INTO {tenant.Schema}.customer (name, email) SELECT 'Customer ' || n, 'c' || n || '@{tenant.Name}.example' FROM generate_series(1, {customers}) AS n;
        INSERT INTO {tenant.Schema}.sales_order (customer_id) SELECT id FROM {tenant.Schema}.customer;
        INSERT INTO {tenant.Schema}.order_line (order_id, line, product_id, quantity) SELECT id, 1, 1 + id % 10, 1 FROM {tenant.Schema}.sales_order
        """);

    /// <summary>Gives the first two customers one address.</summary>
    public static string SpoilingOf(Tenant tenant) => $"UPDATE {tenant.Schema}.customer SET email = 'C1@{tenant.Name}.example' WHERE id = 2";

    /// <summary>Gives the second customer an address of its own.</summary>
    public static string MendingOf(Tenant tenant) => $"UPDATE {tenant.Schema}.customer SET email = 'c2@{tenant.Name}.example' WHERE id = 2";
}
