// One village: named, then what is wrong, then how the week goes.

import type { JSX } from "preact";
import { memo } from "preact/compat";

import type { UnitNow } from "../api/types";
import { Progress, WeekBars } from "../kit/charts";
import { Link } from "../router";
import { shortName } from "../session";
import { t } from "../words";

interface CardProps {
  unit: UnitNow;
  most: number;
  seen: string; // how long ago it was heard of
  secretary: boolean; // may look at what waits
}

function stateOf(unit: UnitNow): "none" | "good" | "behind" | "silent" {
  if (unit.devices === 0) return "none";
  if (unit.silent === unit.devices) return "silent";
  return unit.silent > 0 || unit.lag > 100 || unit.pending > 0 ? "behind" : "good";
}

function Card({ unit, most, seen, secretary }: CardProps): JSX.Element {
  const state = stateOf(unit);
  const waiting = unit.conflicts + unit.duplicates + unit.quarantined;
  const link = unit.conflicts ? "conflicts" : unit.duplicates ? "duplicates" : "quarantine";
  return (
    <li class={`card ${state}`}>
      <div class="card-head">
        <h3>
          <Link to={`/reports?scope=${unit.code}`}>{shortName(unit.name)}</Link>
        </h3>
        {waiting > 0 &&
          (secretary ? (
            <Link to={`/decisions/${link}${link === "conflicts" ? `?scope=${unit.code}` : ""}`} class="pill warn">
              {t("card.waiting", { n: waiting })}
            </Link>
          ) : (
            <span class="pill warn">{t("card.waiting", { n: waiting })}</span>
          ))}
      </div>
      <p class="card-state">
        <span class="dot" aria-hidden="true" />
        {unit.devices === 0 ? t("card.no_phones") : unit.connected > 0 ? t("card.connected", { n: unit.connected, all: unit.devices }) : t("card.seen", { ago: seen })}
      </p>
      <p class="card-more">
        {unit.silent > 0 && <span class="bad">{t("card.silent", { n: unit.silent })}</span>}
        {unit.lag > 0 && <span>{t("card.lag", { n: unit.lag })}</span>}
        {unit.pending > 0 && <span>{t("card.pending", { n: unit.pending })}</span>}
        {unit.devices > 0 && unit.silent === 0 && unit.lag === 0 && unit.pending === 0 && <span class="good">{t("card.up_to_date")}</span>}
      </p>
      <div class="card-week">
        <div class="card-due">
          <p>
            {t("card.due")} <b>{unit.must_done}</b>/{unit.must_due}
          </p>
          <Progress done={unit.must_done} due={unit.must_due} label={t("card.due_words", { done: unit.must_done, due: unit.must_due })} />
          <p>
            {t("card.visits")} <b>{unit.visits}</b>
          </p>
        </div>
        <WeekBars weeks={unit.weeks} most={most} />
      </div>
    </li>
  );
}

/// Of four hundred only those that changed are drawn again.
export const VillageCard = memo(
  Card,
  (a, b) => a.seen === b.seen && a.most === b.most && (a.unit === b.unit || JSON.stringify(a.unit) === JSON.stringify(b.unit)),
);
