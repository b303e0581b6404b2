// A report's figures: all of one unit in groups, or those that matter of many units beside each other.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { Report } from "../api/types";
import { amountText } from "../format";
import { Chips } from "../kit/field";
import { shortName } from "../session";
import { t } from "../words";
import type { Word } from "../words";

type Figure = Report["figures"][number];

const groups: { word: Word; names: string[] }[] = [
  { word: "group.visits", names: ["visits", "households_visited", "must_visits_due", "must_visits_done", "follow_ups_due", "follow_ups_done"] },
  { word: "group.care", names: ["checks_due", "checks_done", "helps_given", "children_paired", "pairs_to_decide", "pair_minutes"] },
  { word: "group.services", names: ["orders_open", "orders_done", "rating_mean", "certificates_open", "certificates_delivered", "opinions_open"] },
  { word: "group.money", names: ["fund_balance_fen", "fund_in_fen", "fund_out_fen", "premiums_fen", "claims_fen", "loss_ratio", "nursing_subsidy_fen"] },
  { word: "group.village", names: ["supplies_in_stock", "supplies_given", "homes_inspected", "hygiene_mean", "projects_open", "projects_blocked", "surveys_completed", "surveys_begun"] },
  { word: "group.people", names: ["households", "residents", "away", "arrived"] },
  { word: "group.hub", names: ["devices", "devices_silent", "decisions_waiting"] },
];

function grouped(report: Report): { word: Word; figures: Figure[] }[] {
  const named = new Set(groups.flatMap((group) => group.names));
  const others = report.figures.filter((figure) => !named.has(figure.name));
  const found = groups.map((group) => ({ word: group.word, figures: group.names.flatMap((name) => report.figures.filter((figure) => figure.name === name)) }));
  return [...found, { word: "group.other" as Word, figures: others }].filter((group) => group.figures.length > 0);
}

/// More, less or as much as before: a sign, said in words too.
function Change({ now, before }: { now: number | null; before: number | null }): JSX.Element {
  if (now === null || before === null || now === before) return <span class="quiet">{now !== null && now === before ? "＝" : "—"}</span>;
  const up = now > before;
  return (
    <span>
      <span aria-hidden="true">{up ? "▲" : "▼"}</span>
      <span class="visually-hidden">{t(up ? "report.more" : "report.less")}</span>
    </span>
  );
}

export function OneUnit({ report }: { report: Report }): JSX.Element {
  const line = report.units[0];
  if (!line) return <></>;
  return (
    <div class="figure-groups">
      {grouped(report).map((group) => (
        <table key={group.word} class="figures">
          <caption>{t(group.word)}</caption>
          <thead>
            <tr>
              <th scope="col">{t("report.figure")}</th>
              <th scope="col" class="number">
                {report.period}
              </th>
              <th scope="col" class="number">
                {report.previous}
              </th>
              <th scope="col">
                <span class="visually-hidden">{t("report.change")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {group.figures.map((figure) => (
              <tr key={figure.name}>
                <th scope="row">{figure.unit === "fen" ? t("report.in_yuan", { title: figure.title }) : figure.title}</th>
                <td class="number">{amountText(figure.unit, line.now[figure.name] ?? null)}</td>
                <td class="number quiet">{amountText(figure.unit, line.before[figure.name] ?? null)}</td>
                <td>
                  <Change now={line.now[figure.name] ?? null} before={line.before[figure.name] ?? null} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}

const judgedBy = ["households_visited", "must_visits_due", "must_visits_done", "checks_due", "checks_done", "orders_open", "orders_done", "devices_silent", "decisions_waiting"];

export function ManyUnits({ report }: { report: Report }): JSX.Element {
  const judged = report.figures.filter((figure) => judgedBy.includes(figure.name));
  const all = grouped(report);
  const sets = [...(judged.length > 0 ? [{ key: "judged", label: t("report.judged"), figures: judged }] : []), ...all.map((group) => ({ key: group.word as string, label: t(group.word), figures: group.figures }))];
  const [chosen, choose] = useState(sets[0]?.key ?? "");
  const set = sets.find((each) => each.key === chosen) ?? sets[0];
  if (!set) return <></>;
  return (
    <>
      <div class="no-print">
        <Chips label={t("report.figures")} value={set.key} change={choose} choices={sets.map((each) => ({ value: each.key, label: each.label }))} />
      </div>
      <div class="table-frame" tabIndex={0} role="region" aria-label={t("report.table")}>
        <table class="many">
          <caption>
            {set.label} <span class="quiet">{t("report.small", { period: report.previous })}</span>
          </caption>
          <thead>
            <tr>
              <th scope="col">{t("report.unit")}</th>
              {set.figures.map((figure) => (
                <th key={figure.name} scope="col" class="number">
                  {figure.unit === "fen" ? t("report.in_yuan", { title: figure.title }) : figure.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {report.units.map((line) => (
              <tr key={line.code} class={line.level === "village" ? "" : "above"}>
                <th scope="row">{shortName(line.name)}</th>
                {set.figures.map((figure) => (
                  <td key={figure.name} class="number">
                    {amountText(figure.unit, line.now[figure.name] ?? null)} <small>{amountText(figure.unit, line.before[figure.name] ?? null)}</small>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
