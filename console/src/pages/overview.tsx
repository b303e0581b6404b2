// Every village of the unit at one glance: who is behind, what waits, whether the visits are made.

import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";

import { useLoad } from "../api/load";
import type { Overview as OverviewData, UnitNow } from "../api/types";
import { agoText, daysOfWeek, numberText, percent, timeText } from "../format";
import { WeekBars } from "../kit/charts";
import { Chips, Select } from "../kit/field";
import { Empty, Shown } from "../kit/states";
import { topUnit, UnitPicker } from "../kit/units";
import { useQuery } from "../router";
import { shortName, useSession, useUnitName } from "../session";
import { t } from "../words";
import { Title } from "./title";
import { VillageCard } from "./village_card";

type Order = "code" | "attention" | "visits" | "contact";
type Show = "all" | "waiting" | "silent" | "due";

export function waitingOf(unit: UnitNow): number {
  return unit.conflicts + unit.duplicates + unit.quarantined;
}

const rank: Record<Order, (a: UnitNow, b: UnitNow) => number> = {
  code: (a, b) => (a.code < b.code ? -1 : 1),
  attention: (a, b) => attention(b) - attention(a),
  visits: (a, b) => b.visits - a.visits,
  contact: (a, b) => ((a.last_contact_at ?? "") < (b.last_contact_at ?? "") ? -1 : 1),
};

function attention(unit: UnitNow): number {
  return waitingOf(unit) * 3 + unit.silent * 5 + Math.max(0, unit.must_due - unit.must_done);
}

const shows: Record<Show, (unit: UnitNow) => boolean> = {
  all: () => true,
  waiting: (unit) => waitingOf(unit) > 0,
  silent: (unit) => unit.silent > 0,
  due: (unit) => unit.must_done < unit.must_due,
};

interface Group {
  code: string;
  units: UnitNow[];
}

function grouped(units: UnitNow[]): Group[] {
  const groups = new Map<string, Group>();
  for (const unit of units) {
    const code = unit.parent ?? "";
    let group = groups.get(code);
    if (!group) groups.set(code, (group = { code, units: [] }));
    group.units.push(unit);
  }
  return [...groups.values()];
}

function Sums({ totals, week }: { totals: UnitNow; week: string }): JSX.Element {
  const share = percent(totals.must_done, totals.must_due);
  const [from, until] = daysOfWeek(week);
  return (
    <section class="sums" aria-label={t("overview.sums")}>
      <div class="sum">
        <h2>{t("overview.due")}</h2>
        <p class="sum-figure">
          {numberText(totals.must_done)}
          <small> / {numberText(totals.must_due)}</small>
        </p>
        <p class="quiet">{totals.must_due > 0 ? t("overview.due_share", { n: share }) : t("overview.due_none")}</p>
      </div>
      <div class="sum">
        <h2>{t("overview.visits")}</h2>
        <p class="sum-figure">{numberText(totals.visits)}</p>
        <p class="quiet">
          {from.slice(5)} – {until.slice(5)}
        </p>
      </div>
      <div class="sum">
        <h2>{t("overview.waiting")}</h2>
        <p class={waitingOf(totals) ? "sum-figure warn" : "sum-figure"}>{numberText(waitingOf(totals))}</p>
        <p class="quiet">{t("overview.waiting_of", { conflicts: totals.conflicts, duplicates: totals.duplicates, quarantined: totals.quarantined })}</p>
      </div>
      <div class="sum">
        <h2>{t("overview.phones")}</h2>
        <p class="sum-figure">
          {numberText(totals.devices)}
          <small> {t("overview.connected", { n: totals.connected })}</small>
        </p>
        <p class={totals.silent ? "bad" : "quiet"}>{t("overview.silent", { n: totals.silent })}</p>
      </div>
      <div class="sum chart">
        <h2>{t("overview.weeks")}</h2>
        <WeekBars weeks={totals.weeks} />
      </div>
    </section>
  );
}

function Villages({ data, search, show, order }: { data: OverviewData; search: string; show: Show; order: Order }): JSX.Element {
  const name = useUnitName();
  const secretary = useSession().me.role === "secretary";
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 30_000);
    return () => window.clearInterval(timer);
  }, []);
  const villages = useMemo(() => data.units.filter((unit) => unit.level === "village"), [data]);
  const most = useMemo(() => Math.max(1, ...villages.flatMap((unit) => unit.weeks.map((week) => week.visits))), [villages]);
  const groups = useMemo(() => {
    const wanted = search.trim();
    const shown = villages.filter((unit) => shows[show](unit) && (!wanted || unit.name.includes(wanted) || unit.code.startsWith(wanted) || name(unit.parent ?? "").includes(wanted)));
    return grouped(shown.sort(rank[order]));
  }, [villages, search, show, order]);
  if (groups.length === 0) {
    return (
      <Empty title={t(villages.length === 0 ? "overview.no_villages" : "overview.none_fit")}>
        {villages.length === 0 && <pre>doorstepd load --data DIR --sample dushi</pre>}
      </Empty>
    );
  }
  return (
    <>
      {groups.map((group) => (
        <section key={group.code} class="township" aria-labelledby={`g${group.code}`}>
          <h2 id={`g${group.code}`}>
            {group.code ? name(group.code) : t("overview.villages")} <span class="quiet">{t("overview.count", { n: group.units.length })}</span>
          </h2>
          <ul class="cards">
            {group.units.map((unit) => (
              <VillageCard key={unit.code} unit={unit} most={most} seen={agoText(unit.last_contact_at, now)} secretary={secretary} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

export function Overview(): JSX.Element {
  const { me, live, units } = useSession();
  const [scope, setScope] = useQuery("scope");
  const [search, setSearch] = useQuery("q");
  const [show, setShow] = useQuery("show", "all");
  const [order, setOrder] = useQuery("order", "code");
  const now = live.now;
  const overview = useLoad<OverviewData>("overview", { scope }, now && `${now.position} ${now.connected} ${now.conflicts} ${now.duplicates} ${now.quarantined}`, 4000);
  const data = overview.data;
  // Without a choice it is all that there is, which people call by the first unit with several below it.
  const top = scope ? data?.totals : topUnit(units);
  const about = data ? t("overview.as_of", { time: timeText(data.at), position: data.position }) : null;
  return (
    <>
      <Title text={`${shortName(top?.name ?? me.hub.name)} · ${t("nav.overview")}`} about={about} />
      <Shown of={overview} lines={6}>
        {(shown) => (
          <>
            <Sums totals={shown.totals} week={shown.week} />
            <div class="toolbar">
              <UnitPicker label={t("overview.unit")} value={scope} change={setScope} all={t("overview.whole")} />
              <div class="search">
                <label for="village-search">{t("overview.search")}</label>
                <input id="village-search" type="search" value={search} placeholder={t("overview.search_example")} onInput={(event) => setSearch(event.currentTarget.value)} />
              </div>
              <Select
                label={t("overview.order")}
                value={order}
                change={setOrder}
                choices={[
                  { value: "code", label: t("order.code") },
                  { value: "attention", label: t("order.attention") },
                  { value: "visits", label: t("order.visits") },
                  { value: "contact", label: t("order.contact") },
                ]}
              />
              <Chips
                label={t("overview.show")}
                value={show}
                change={setShow}
                choices={[
                  { value: "all", label: t("show.all") },
                  { value: "waiting", label: t("show.waiting") },
                  { value: "silent", label: t("show.silent") },
                  { value: "due", label: t("show.due") },
                ]}
              />
            </div>
            <Villages data={shown} search={search} show={show in shows ? (show as Show) : "all"} order={order in rank ? (order as Order) : "code"} />
          </>
        )}
      </Shown>
    </>
  );
}
