// The bulletin of a week, the figures of a month, what goes on the board: on the screen, on paper, as a spreadsheet.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { api } from "../api/client";
import { errorBody, useLoad } from "../api/load";
import type { ErrorBody, Report } from "../api/types";
import { dayText, daysOfWeek, todayInChina, weekOf } from "../format";
import { Chips, Select } from "../kit/field";
import { Icon } from "../kit/icon";
import { Failure, Shown } from "../kit/states";
import { topUnit, UnitPicker } from "../kit/units";
import { useQuery } from "../router";
import { shortName, useSession } from "../session";
import { currentLanguage, t } from "../words";
import { ReportCharts } from "./report_charts";
import { OneUnit, ManyUnits } from "./report_tables";
import { Title } from "./title";

const kinds = ["weekly", "monthly", "publicity"] as const;
type Kind = (typeof kinds)[number];

interface Choice {
  value: string;
  label: string;
}

function weeks(): Choice[] {
  const today = todayInChina();
  return Array.from({ length: 27 }, (_, i) => {
    const week = weekOf(new Date(today.getFullYear(), today.getMonth(), today.getDate() - 7 * i));
    const [from, until] = daysOfWeek(week);
    const label = `${week}  (${from.slice(5)} – ${until.slice(5)})`;
    return { value: week, label: i === 0 ? `${label} ${t("report.not_over")}` : label };
  });
}

/// Months, with the quarter and the half-year that end with one behind it.
function months(): Choice[] {
  const today = todayInChina();
  return Array.from({ length: 25 }, (_, i) => {
    const first = new Date(today.getFullYear(), today.getMonth() - i, 1);
    const year = first.getFullYear();
    const month = first.getMonth() + 1;
    const value = `${year}-${String(month).padStart(2, "0")}`;
    const found: Choice[] = [{ value, label: i === 0 ? `${value} ${t("report.not_over")}` : value }];
    if (i > 0 && month % 3 === 0) found.unshift({ value: `${year}Q${month / 3}`, label: t("report.quarter", { year, n: month / 3 }) });
    if (i > 0 && month % 6 === 0) found.unshift({ value: `${year}H${month / 6}`, label: t("report.half", { year, n: month / 6 }) });
    return found;
  }).flat();
}

/// Saves the file in the language that is shown, which a plain link could not ask for.
async function save(path: string, name: string): Promise<void> {
  const answer = await fetch(path, { headers: { "Accept-Language": currentLanguage() }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function Sheet({ report, kind }: { report: Report; kind: Kind }): JSX.Element {
  const { me } = useSession();
  const top = report.units[0];
  if (!top) return <p>{t("report.nothing")}</p>;
  return (
    <article class="sheet">
      <header class="sheet-head">
        <p class="sheet-hub">{me.hub.name}</p>
        <h2>
          {t(`report.heading_${kind}`, { unit: shortName(top.name) })} <span>{report.period}</span>
        </h2>
        <p class="quiet">
          {dayText(report.from)} – {dayText(report.until)} · {t("report.beside", { period: report.previous })}
        </p>
      </header>
      <ReportCharts report={report} />
      {report.units.length === 1 ? <OneUnit report={report} /> : <ManyUnits report={report} />}
      <footer class="sheet-foot">{t("report.made_from", { position: report.position, digest: report.digest })}</footer>
    </article>
  );
}

export function Reports(): JSX.Element {
  const { units } = useSession();
  const [wanted, setKind] = useQuery("kind", "weekly");
  const kind: Kind = kinds.find((each) => each === wanted) ?? "weekly";
  const top = topUnit(units)?.code ?? "";
  const [scope, setScope] = useQuery("scope", top);
  const [period, setPeriod] = useQuery("period");
  const [error, setError] = useState<ErrorBody | null>(null);
  const query = { scope, period };
  const report = useLoad<Report>(scope ? `reports/${kind}` : null, query);
  const choices = kind === "weekly" ? weeks() : months();
  // An address may name a period further back than the list goes.
  if (period && !choices.some((choice) => choice.value === period)) choices.push({ value: period, label: period });
  const choose = (next: string): void => {
    setPeriod("");
    setKind(next);
  };
  const download = (): void => {
    setError(null);
    const name = `${kind}-${report.data?.period ?? ""}-${scope}.csv`;
    save(api.url(`reports/${kind}.csv`, query), name).catch((failed: unknown) => setError(errorBody(failed)));
  };
  return (
    <>
      <Title text={t("nav.reports")} about={t("report.about")}>
        <button type="button" class="button" disabled={!report.data} onClick={download}>
          <Icon name="down" />
          {t("report.csv")}
        </button>
        <button type="button" class="button primary" disabled={!report.data} onClick={() => window.print()}>
          <Icon name="print" />
          {t("report.print")}
        </button>
      </Title>
      <div class="toolbar no-print">
        <Chips label={t("report.kind")} value={kind} change={choose} choices={kinds.map((each) => ({ value: each, label: t(`report.${each}`) }))} />
        <UnitPicker label={t("overview.unit")} value={scope} change={setScope} />
        <Select label={t("report.period")} value={period} change={setPeriod} choices={[{ value: "", label: t(kind === "weekly" ? "report.last_week" : "report.last_month") }, ...choices]} />
      </div>
      {error && <Failure error={error} />}
      <Shown of={report} lines={8}>
        {(data) => <Sheet report={data} kind={kind} />}
      </Shown>
    </>
  );
}
