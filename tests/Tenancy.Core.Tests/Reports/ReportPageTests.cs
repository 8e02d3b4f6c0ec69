using System.Globalization;
using System.Text;
using System.Text.Json;
using Tenancy.Core.Manifests;
using Tenancy.Core.Reports;
using Tenancy.Core.Reports.Page;
using Xunit;

namespace Tenancy.Core.Tests.Reports;

/// <summary>The page in a browser, of a fleet of any size.</summary>
public sealed class ReportPageTests
{
    [SkippableFact]
    public async Task Ten_thousand_tenants_open_without_an_error_are_small_and_are_all_there()
    {
        var facts = SampleFleet.Make(10_000);
        var html = ReportPage.Write(facts);
        Assert.InRange(Encoding.UTF8.GetByteCount(html), 1, 5_000_000);
        await using var browser = await Browser.OpenAsync(html);

        Assert.Empty(browser.Errors);
        Assert.All(browser.Requests, static address => Assert.StartsWith("file://", address, StringComparison.Ordinal));
        Assert.Single(browser.Requests);
        // 2 s is what the benchmark looks at; a loaded machine only shows that it is not minutes.
        Assert.InRange((await browser.EvaluateAsync("performance.getEntriesByType('navigation')[0].loadEventEnd")).GetDouble(), 1, 60_000);

        var tenants = facts.Revisions.Where(static revision => revision.Scope == "tenant").ToList();
        Assert.Equal(
            [tenants.Count, tenants.Count(static tenant => tenant.Status == "AtHead"), tenants.Count(static tenant => tenant.Status == "Behind"), facts.Run!.Work.Count(static work => work.Failure is not null), facts.Comparisons!.Count(static comparison => comparison.Status == "Drifted")],
            (await browser.TextsAsync("#count-tenants, #count-at-head, #count-behind, #count-failed, #count-drifted")).Select(Number));
        Assert.Equal(
            tenants.GroupBy(static tenant => (tenant.Status, Heads: string.Join(", ", tenant.Heads))).Select(static group => $"{group.Count()} {group.Key.Status} {group.Key.Heads} {group.First().BehindBy}").Order(StringComparer.Ordinal),
            (await browser.EvaluateAsync("[...document.querySelectorAll('#grid > tbody > tr')].map(row => [row.querySelector('.n').textContent.replaceAll(',', ''), row.cells[1].textContent, row.cells[2].textContent, row.cells[3].textContent].join(' '))"))
                .Deserialize<string[]>()!.Order(StringComparer.Ordinal));
        Assert.Equal(
            facts.Run!.Work.GroupBy(static work => work.Status).Select(static group => $"{group.Key} {group.Count()}").Order(StringComparer.Ordinal),
            (await browser.EvaluateAsync("[...document.querySelectorAll('#run-statuses tbody tr')].map(row => row.cells[0].textContent + ' ' + row.cells[1].textContent.replaceAll(',', ''))")).Deserialize<string[]>()!.Order(StringComparer.Ordinal));
        Assert.Equal(facts.Run.Worked.OrderByDescending(static work => work.Seconds).Take(20).Select(static work => work.Name), await browser.TextsAsync("#slowest tbody th"));
        Assert.Equal(["100", "100"], await browser.TextsAsync("article h3 .n"));
        Assert.All(await browser.TextsAsync("article pre"), static statement => Assert.Equal(SampleFleet.Statement, statement));
        Assert.Equal(facts.Graph.All.Select(static node => node.Id).Order(StringComparer.Ordinal), (await browser.TextsAsync(".graph tbody code")).Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task Tenants_are_filtered_and_listed_by_keyboard()
    {
        await using var browser = await Browser.OpenAsync(ReportPage.Write(SampleFleet.Make(1000)));

        Assert.Equal("1 of 1,000 tenants", await FilterAsync("f-text", "CUSTOMER_00123"));
        Assert.Equal("10 of 1,000 tenants", await FilterAsync("f-text", "ring=canary"));
        Assert.Equal("", await FilterAsync("f-text", ""));
        Assert.Equal("50 of 1,000 tenants", await FilterAsync("f-status", "Behind"));
        Assert.Equal("30 of 1,000 tenants", await FilterAsync("f-run", "Incomplete"));
        await browser.EvaluateAsync("document.getElementById('f-clear').click()");
        Assert.Equal("970 of 1,000 tenants", await FilterAsync("f-revision", "6"));
        Assert.Equal("30 of 1,000 tenants", await FilterAsync("f-has", "lacks"));
        await browser.EvaluateAsync("document.querySelector('button[data-cause]').click()");
        Assert.Equal("10 of 1,000 tenants", await browser.TextAsync("#shown"));

        // Enter on the row's button lists what is shown of it.
        await browser.EvaluateAsync("document.querySelector('#grid tr:not([hidden]) button').focus()");
        foreach (var type in new[] { "keyDown", "keyUp" })
        {
            await browser.SendAsync("Input.dispatchKeyEvent", new { type, key = "Enter", code = "Enter", text = "\r", windowsVirtualKeyCode = 13 });
        }

        Assert.Equal("true", (await browser.EvaluateAsync("document.activeElement.getAttribute('aria-expanded')")).GetString());
        Assert.Equal(Enumerable.Range(0, 10).Select(static number => $"customer_{number * 100 + 7:00000}"), await browser.TextsAsync("tr.list tbody th"));
        await browser.EvaluateAsync("document.getElementById('f-clear').click()");
        await browser.EvaluateAsync("[...document.querySelectorAll('#grid > tbody > tr:not(.list) button')].at(-1).click()");
        Assert.Equal("Show 100 more of 850", await browser.TextAsync("tr.list:last-child td > button"));
        await browser.EvaluateAsync("document.querySelector('tr.list:last-child td > button').click()");
        Assert.Equal(200, (await browser.TextsAsync("tr.list:last-child tbody th")).Length);
        Assert.Empty(browser.Errors);

        async Task<string> FilterAsync(string control, string value) =>
            (await browser.EvaluateAsync($"(() => {{ const control = document.getElementById('{control}'); control.value = '{value}'; control.dispatchEvent(new Event('input')); return document.getElementById('shown').textContent; }})()")).GetString()!;
    }

    [SkippableFact]
    public async Task Hostile_content_is_text_and_nothing_can_be_run_or_asked_for()
    {
        const string Hostile = "</script><script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>\"'&<!--\u2028\u202e$@style@";
        var facts = SampleFleet.Make(60, name: Hostile);
        facts = facts with { Fleet = Hostile, Comparisons = [.. facts.Comparisons!.Select(static comparison => comparison with { Differences = [.. comparison.Differences.Select(static difference => difference with { Name = Hostile, Actual = Hostile })] })] };
        await using var browser = await Browser.OpenAsync(ReportPage.Write(facts));
        await browser.EvaluateAsync("[...document.querySelectorAll('#grid button')].forEach(button => button.click())");

        Assert.Equal(JsonValueKind.Undefined, (await browser.EvaluateAsync("window.pwned")).ValueKind);
        Assert.Equal(new[] { 0, 2, 1 }, (await browser.EvaluateAsync("['img', 'script', 'style'].map(name => document.querySelectorAll(name).length)")).Deserialize<int[]>()!);
        var shown = Hostile.Replace("\u2028", "\\u2028", StringComparison.Ordinal).Replace("\u202e", "\\u202e", StringComparison.Ordinal);
        Assert.All(await browser.TextsAsync("tr.list tbody th"), name => Assert.Equal(shown, name));
        Assert.Equal("Fleet " + shown, await browser.TextAsync("title"));
        Assert.Contains(shown, await browser.TextAsync("article .message"), StringComparison.Ordinal);
        Assert.Contains(shown, await browser.TextAsync(".differences tbody"), StringComparison.Ordinal);
        Assert.Empty(browser.Errors);

        // Were there a hole, the page's policy would still let nothing through.
        await browser.EvaluateAsync("(() => { const script = document.createElement('script'); script.textContent = 'window.pwned = 3'; document.body.append(script); const image = new Image(); image.src = 'http://127.0.0.1:9/x'; document.body.append(image); })()");
        Assert.Equal("refused", (await browser.EvaluateAsync("fetch('http://127.0.0.1:9/x').then(() => 'sent', () => 'refused')")).GetString());
        Assert.Equal(JsonValueKind.Undefined, (await browser.EvaluateAsync("window.pwned")).ValueKind);
        foreach (var directive in new[] { "script-src", "img-src", "connect-src" })
        {
            Assert.Contains(browser.Errors, error => error.Contains("Content Security Policy", StringComparison.Ordinal) && error.Contains(directive, StringComparison.Ordinal));
        }
    }

    [SkippableFact]
    public async Task Without_a_script_its_numbers_are_there()
    {
        await using var browser = await Browser.OpenAsync(ReportPage.Write(SampleFleet.Make(1000)), hasScript: false);

        Assert.Equal(["20", "30", "950"], await browser.TextsAsync("#grid tbody .n"));
        Assert.True((await browser.EvaluateAsync("document.getElementById('filter').hidden && [...document.querySelectorAll('button[data-cause]')].every(button => button.hidden)")).GetBoolean());
        Assert.Contains("failed", (await browser.TextsAsync("#grid tbody tr:first-child td.cell")).Last(), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_can_be_read_by_whoever_reads_it(bool isDark)
    {
        await using var browser = await Browser.OpenAsync(ReportPage.Write(SampleFleet.Make(300)), isDark);
        await browser.EvaluateAsync("document.querySelector('#grid button').click(); document.querySelectorAll('details').forEach(details => details.open = true)");

        // WCAG 2.2, 1.4.3: every text beside the ground that it stands on, 4.5 to 1.
        var faint = (await browser.EvaluateAsync("""
            (() => {
              const light = text => { const [r, g, b] = text.match(/[\d.]+/g).slice(0, 3).map(part => { const c = part / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
              const ground = element => { for (; element; element = element.parentElement) { const color = getComputedStyle(element).backgroundColor; if (!/, 0\)$/.test(color)) return color; } return null; };
              const faint = [];
              for (const element of document.querySelectorAll('body *:not(script):not(svg *)')) {
                if (![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
                const [one, other] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a);
                if ((one + 0.05) / (other + 0.05) < 4.5) faint.push(element.outerHTML.slice(0, 120));
              }
              return faint;
            })()
            """)).Deserialize<string[]>()!;
        Assert.Empty(faint);
        Assert.Equal(isDark, (await browser.EvaluateAsync("getComputedStyle(document.body).backgroundColor")).GetString() != "rgb(255, 255, 255)");

        var named = await browser.SendAsync("Accessibility.getFullAXTree", new { });
        var nodes = named.GetProperty("nodes").EnumerateArray().Where(static node => !node.GetProperty("ignored").GetBoolean()).ToList();
        foreach (var role in new[] { "button", "combobox", "searchbox", "link", "table", "region", "navigation", "search", "heading", "columnheader" })
        {
            var found = nodes.FindAll(node => node.GetProperty("role").GetProperty("value").GetString() == role);
            Assert.NotEmpty(found);
            Assert.All(found, node => Assert.NotEqual("", node.GetProperty("name").GetProperty("value").GetString()));
        }

        var levels = (await browser.EvaluateAsync("[...document.querySelectorAll('h1, h2, h3')].map(heading => Number(heading.tagName[1]))")).Deserialize<int[]>()!;
        Assert.Equal(1, levels[0]);
        Assert.All(levels.Zip(levels.Skip(1)), static pair => Assert.InRange(pair.Second, 2, pair.First + 1));
        Assert.Equal("", (await browser.EvaluateAsync("[...document.querySelectorAll('[id]')].map(element => element.id).filter((id, at, all) => all.indexOf(id) !== at).join()")).GetString());
    }

    /// <summary>What can be focused shows it with an outline, which no frame that scrolls cuts off.</summary>
    [SkippableFact]
    public async Task The_outline_of_what_has_the_focus_is_whole()
    {
        await using var browser = await Browser.OpenAsync(ReportPage.Write(SampleFleet.Make(300)));
        // Without a window nothing looks focused.
        await browser.SendAsync("Emulation.setFocusEmulationEnabled", new { enabled = true });
        await browser.EvaluateAsync("document.querySelector('#grid button').click(); document.querySelectorAll('details').forEach(details => details.open = true)");

        var cut = (await browser.EvaluateAsync("""
            (() => {
              const cut = [];
              let seen = 0;
              for (const element of document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')) {
                element.focus();
                if (document.activeElement !== element) continue;
                seen++;
                const style = getComputedStyle(element), box = element.getBoundingClientRect(), width = parseFloat(style.outlineWidth), reach = width + parseFloat(style.outlineOffset);
                const isOut = frame => box.left - reach < frame.left - 0.5 || box.right + reach > frame.right + 0.5 || box.top - reach < frame.top - 0.5 || box.bottom + reach > frame.bottom + 0.5;
                let isCut = style.outlineStyle === 'none' || width < 2;
                for (let frame = element.parentElement; frame !== document.body; frame = frame.parentElement) {
                  isCut ||= getComputedStyle(frame).overflowX !== 'visible' && isOut(frame.getBoundingClientRect());
                }

                if (isCut) cut.push(element.outerHTML.slice(0, 120));
              }

              return seen > 10 ? cut : ['only ' + seen + ' focused'];
            })()
            """)).Deserialize<string[]>()!;

        Assert.Empty(cut);
    }

    [SkippableTheory]
    [InlineData(360)]
    [InlineData(1280)]
    public async Task It_fits_the_window(int width)
    {
        await using var browser = await Browser.OpenAsync(ReportPage.Write(SampleFleet.Make(300)));
        await browser.SendAsync("Emulation.setDeviceMetricsOverride", new { width, height = 900, deviceScaleFactor = 1, mobile = false });

        Assert.Equal("", (await browser.EvaluateAsync("document.documentElement.scrollWidth <= innerWidth ? '' : [...document.querySelectorAll('body *')].filter(found => !found.closest('.scroll, pre') && found.getBoundingClientRect().right > innerWidth).map(found => found.outerHTML.slice(0, 60)).slice(0, 8).join()")).GetString());
        // Names of usual length stay whole.
        Assert.Equal("", (await browser.EvaluateAsync("[...document.querySelectorAll('#slowest tbody th bdi')].filter(name => name.textContent.length < 16 && name.getClientRects().length > 1).map(name => name.textContent).join()")).GetString());
    }

    [Fact]
    public void Secrets_are_masked_wherever_they_turn_up()
    {
        var facts = SampleFleet.Make(10);
        var html = ReportPage.Write(facts with { Secrets = ["customer_00007", "invoice_customer_idx"] });

        Assert.DoesNotContain("customer_00007", html, StringComparison.Ordinal);
        Assert.DoesNotContain("invoice_customer_idx", html, StringComparison.Ordinal);
        Assert.Contains("tenant &#39;***&#39;, revision 9e1c55d1", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_revisions_are_few_columns()
    {
        var graph = Revisions.Graphs.Of([.. Enumerable.Range(0, 400).Select(static number => number == 0 ? "r000" : $"r{number:000} < r{number - 1:000}")]);
        var facts = new ReportFacts
        {
            Fleet = "saas",
            Made = DateTime.UnixEpoch,
            Graph = graph,
            Revisions = [.. new[] { "r399", "r100", "r100" }.Select((head, number) => new Model.TenantRevision { Name = $"t{number}", Schema = $"t{number}", Status = head == "r399" ? "AtHead" : "Behind", Heads = [head], Pending = head == "r399" ? [] : [.. Enumerable.Range(101, 299).Select(static number => $"r{number:000}")] })],
        };

        Assert.Equal(["r000 … r100 (101)", "r101 … r399 (299)"], GridColumn.Of(FleetGrid.Of(facts, MigrationScope.Tenant)).Select(static column => column.Name));
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
}
