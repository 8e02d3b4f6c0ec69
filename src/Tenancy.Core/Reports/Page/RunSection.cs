namespace Tenancy.Core.Reports.Page;

/// <summary>A run: how it ended, when what was done, and who took longest.</summary>
internal static class RunSection
{
    private const double Width = 720;
    private const double Height = 96;
    private const double Axis = 64;

    /// <summary>Writes it; nothing where there was no run.</summary>
    public static void Write(Markup html, ReportFacts facts)
    {
        if (facts.Run is not { } run)
        {
            return;
        }

        var times = RunTimes.Of(run);
        html.Add($"<section id=\"run\" aria-labelledby=\"run-title\">\n<h2 id=\"run-title\">Run</h2>\n<dl class=\"details\">\n<div><dt>Id</dt><dd><code>{run.Id.ToString()}</code></dd></div>\n");
        html.Add($"<div><dt>Direction</dt><dd>{run.Direction}</dd></div>\n");
        if (!run.Who.IsEmpty)
        {
            html.Add($"<div><dt>By</dt><dd>{string.Join(", ", run.Who)}</dd></div>\n");
        }

        if (times is not null)
        {
            html.Add($"<div><dt>From</dt><dd>{times.Started} UTC</dd></div>\n<div><dt>To</dt><dd>{times.Ended} UTC</dd></div>\n<div><dt>Took</dt><dd>{TimeSpan.FromSeconds(times.Seconds)}</dd></div>\n");
            html.Add($"<div><dt>A tenant took</dt><dd>{TimeSpan.FromSeconds(times.MedianSeconds)} (median), {TimeSpan.FromSeconds(times.MaxSeconds)} at the most</dd></div>\n");
        }

        html.Add($"</dl>\n");
        WriteStatuses(html, run);
        if (run.IsFromHistory)
        {
            html.Add($"<p class=\"note\">From history, which has a row for what something was done on: tenants that had nothing to do, or were not reached, are not counted here.</p>\n");
        }

        if (times is not null)
        {
            WriteTimeline(html, times);
            WriteSlowest(html, times);
        }

        html.Add($"</section>\n");
    }

    private static void WriteStatuses(Markup html, RunFacts run)
    {
        html.Add($"<table id=\"run-statuses\" class=\"narrow\">\n<caption>How it ended</caption>\n<thead><tr><th scope=\"col\">Status</th><th scope=\"col\" class=\"number\">Schemas</th></tr></thead>\n<tbody>\n");
        foreach (var status in run.Work.GroupBy(static work => work.Status).OrderByDescending(static group => group.Count()).ThenBy(static group => group.Key, StringComparer.Ordinal))
        {
            html.Add($"<tr><th scope=\"row\">{status.Key}</th><td class=\"number\">{status.Count()}</td></tr>\n");
        }

        html.Add($"</tbody>\n</table>\n");
    }

    private static void WriteTimeline(Markup html, RunTimes times)
    {
        var (done, failed, part) = (times.Done.Max(), times.Failed.Max(), Width / RunTimes.Parts);
        var step = TimeSpan.FromSeconds(times.Seconds / RunTimes.Parts);
        html.Add($"<h3>Timeline</h3>\n<figure>\n<figcaption>Schemas in each sixtieth of the run{(step.TotalSeconds < 0.01 ? "" : $", {ReportText.Describe(step)}")}. <span class=\"key done\">above the line: done, {done} at the most</span> <span class=\"key failed\">below: failed, {failed} at the most</span></figcaption>\n");
        html.Add($"<svg class=\"timeline\" viewBox=\"0 0 {Width:0} {Height:0}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Schemas done, and failed, over the time of the run; the same numbers are in the table below\">\n");
        html.Add($"<path class=\"axis\" d=\"M0 {Axis:0}H{Width:0}\"/>\n");
        for (var at = 0; at < RunTimes.Parts; at++)
        {
            var (up, down) = (Tall(times.Done[at], done, Axis), Tall(times.Failed[at], failed, Height - Axis));
            WriteBar(html, "done", at * part, Axis - up, part, up);
            WriteBar(html, "failed", at * part, Axis, part, down);
        }

        html.Add($"</svg>\n<p class=\"ends\"><span>{times.Started}</span><span>{times.Ended}</span></p>\n</figure>\n");
        html.Add($"<details><summary>Timeline as a table</summary>\n<table class=\"narrow\">\n<caption>Schemas done over time</caption>\n<thead><tr><th scope=\"col\">After the start</th><th scope=\"col\" class=\"number\">Done</th><th scope=\"col\" class=\"number\">Failed</th></tr></thead>\n<tbody>\n");
        for (var at = 0; at < RunTimes.Parts; at++)
        {
            if (times.Done[at] + times.Failed[at] > 0)
            {
                html.Add($"<tr><th scope=\"row\">{times.StartOf(at) - times.Started}</th><td class=\"number\">{times.Done[at]}</td><td class=\"number\">{times.Failed[at]}</td></tr>\n");
            }
        }

        html.Add($"</tbody>\n</table>\n</details>\n");

        // What is there at all is seen, however small it is beside the largest.
        static double Tall(int count, int most, double height) => count == 0 ? 0 : Math.Max(3, height * count / most);
    }

    private static void WriteBar(Markup html, string kind, double x, double y, double width, double height)
    {
        if (height > 0)
        {
            html.Add($"<rect class=\"{kind}\" x=\"{x + 0.5:0.##}\" y=\"{y:0.##}\" width=\"{width - 1:0.##}\" height=\"{height:0.##}\"/>\n");
        }
    }

    private static void WriteSlowest(Markup html, RunTimes times)
    {
        html.Add($"<h3>Slowest</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Slowest\">\n<table id=\"slowest\">\n<caption>The {times.Slowest.Count} that took longest, and when in the run</caption>\n");
        html.Add($"<thead><tr><th scope=\"col\">Tenant</th><th scope=\"col\">Database</th><th scope=\"col\">Status</th><th scope=\"col\" class=\"number\">Revisions</th><th scope=\"col\" class=\"number\">Took</th><th scope=\"col\">Started</th><th scope=\"col\" class=\"when\">In the run</th></tr></thead>\n<tbody>\n");
        foreach (var work in times.Slowest)
        {
            var (from, to) = (times.PlaceOf(work.Started) * 200, times.PlaceOf(work.Ended) * 200);
            html.Add($"<tr><th scope=\"row\"><bdi>{work.Name}</bdi></th><td><bdi>{work.Key.Database}</bdi></td><td class=\"{(work.Failure is null ? "plain" : "bad")}\">{work.Status}</td><td class=\"number\">{work.RevisionCount}</td><td class=\"number\">{TimeSpan.FromSeconds(work.Seconds)}</td>");
            html.Add($"<td>{work.Started}</td><td class=\"when\"><svg class=\"span\" viewBox=\"0 0 200 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path class=\"axis\" d=\"M0 5H200\"/><rect class=\"{(work.Failure is null ? "done" : "failed")}\" x=\"{Math.Min(from, 198):0.##}\" y=\"1\" width=\"{Math.Max(2, to - from):0.##}\" height=\"8\"/></svg></td></tr>\n");
        }

        html.Add($"</tbody>\n</table>\n</div>\n");
    }
}
