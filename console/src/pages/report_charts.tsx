// The few figures of a report that a week is judged by, as bars beside those of the period before.

import type { JSX } from "preact";

import type { Report, ReportLine } from "../api/types";
import { percent } from "../format";
import { PairBars } from "../kit/charts";
import type { Pair } from "../kit/charts";
import { shortName } from "../session";
import { t } from "../words";

const unitsMax = 32; // as many lines as a page takes

function amount(line: ReportLine, figure: string, before = false): number {
  return (before ? line.before : line.now)[figure] ?? 0;
}

function shares(lines: ReportLine[], done: string, due: string): Pair[] {
  return lines
    .filter((line) => amount(line, due) > 0 || amount(line, due, true) > 0)
    .map((line) => {
      const now = percent(amount(line, done), amount(line, due));
      const before = percent(amount(line, done, true), amount(line, due, true));
      return { label: shortName(line.name), now, before, text: `${now}% · ${amount(line, done)}/${amount(line, due)}` };
    });
}

function counts(lines: ReportLine[], figure: string): Pair[] {
  // A village of which nothing is recorded yet has no visits to be counted.
  const worked = lines.filter((line) => amount(line, "households") > 0 || amount(line, figure) > 0);
  return worked.map((line) => {
    const now = amount(line, figure);
    const before = amount(line, figure, true);
    return { label: shortName(line.name), now, before, text: `${now} (${before})` };
  });
}

/// What stands directly below the unit that the report is about: townships of a county, villages of a township.
function below(report: Report): ReportLine[] {
  const [top, ...rest] = report.units;
  const next = rest.find((line) => line.level === "township") ? "township" : "village";
  const lines = rest.filter((line) => line.level === next);
  return lines.length > 0 ? lines.slice(0, unitsMax) : top ? [top] : [];
}

/// Money in and out for the board, where visits are not shown.
function money(report: Report): Pair[] {
  const top = report.units[0];
  if (!top) return [];
  return ["fund_in_fen", "fund_out_fen", "premiums_fen", "claims_fen", "nursing_subsidy_fen"].flatMap((figure) => {
    const known = report.figures.find((each) => each.name === figure);
    if (!known) return [];
    const [now, before] = [Math.abs(amount(top, figure)) / 100, Math.abs(amount(top, figure, true)) / 100];
    return now || before ? [{ label: known.title, now, before, text: `${now.toLocaleString()} (${before.toLocaleString()})` }] : [];
  });
}

export function ReportCharts({ report }: { report: Report }): JSX.Element | null {
  const has = (figure: string): boolean => report.figures.some((each) => each.name === figure);
  const lines = below(report);
  const charts: { caption: string; pairs: Pair[]; most?: number }[] = [];
  if (has("must_visits_due")) charts.push({ caption: t("report.chart_due"), pairs: shares(lines, "must_visits_done", "must_visits_due"), most: 100 });
  if (has("visits")) charts.push({ caption: t("report.chart_visits"), pairs: counts(lines, "visits") });
  if (has("checks_due") && charts.length > 0) charts.push({ caption: t("report.chart_checks"), pairs: shares(lines, "checks_done", "checks_due"), most: 100 });
  if (charts.length === 0) charts.push({ caption: t("report.chart_money"), pairs: money(report) });
  const drawn = charts.filter((chart) => chart.pairs.length > 0 && chart.pairs.some((pair) => pair.now > 0 || pair.before > 0));
  if (drawn.length === 0) return null;
  return (
    <div class={lines.length > 8 ? "charts tall" : "charts"}>
      {drawn.map((chart) => (
        <PairBars key={chart.caption} caption={chart.caption} pairs={chart.pairs} most={chart.most} />
      ))}
      <p class="legend" aria-hidden="true">
        <span class="key now" /> {report.period} <span class="key before" /> {report.previous}
      </p>
    </div>
  );
}
