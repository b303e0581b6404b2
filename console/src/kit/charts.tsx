// Charts drawn as plain SVG: few numbers, said in words too.

import type { JSX } from "preact";

import type { WeekVisits } from "../api/types";
import { t } from "../words";

const step = 11;
const height = 34;

/// Eight weeks as small columns; the last, this week, in the accent colour.
export function WeekBars({ weeks, most }: { weeks: WeekVisits[]; most?: number }): JSX.Element {
  const top = Math.max(1, most ?? 0, ...weeks.map((week) => week.visits));
  const words = weeks.map((week) => `${week.week}: ${week.visits}`).join(", ");
  return (
    <svg class="bars" viewBox={`0 0 ${weeks.length * step} ${height}`} role="img" aria-label={t("chart.weeks", { words })}>
      {weeks.map((week, i) => {
        const tall = week.visits === 0 ? 1.5 : Math.max(3, (week.visits / top) * height);
        const last = i === weeks.length - 1;
        return <rect key={week.week} class={last ? "bar this" : "bar"} x={i * step + 1} y={height - tall} width={step - 3} height={tall} rx="1.5" />;
      })}
    </svg>
  );
}

/// How much of what was due is done.
export function Progress({ done, due, label }: { done: number; due: number; label: string }): JSX.Element {
  const share = due > 0 ? Math.min(1, done / due) : 0;
  const state = due === 0 ? "none" : done >= due ? "full" : "part";
  return (
    <svg class={`progress ${state}`} viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect class="track" x="0" y="0" width="100" height="6" rx="3" />
      {share > 0 && <rect class="fill" x="0" y="0" width={100 * share} height="6" rx="3" />}
    </svg>
  );
}

export interface Pair {
  label: string;
  now: number;
  before: number;
  text: string;
}

/// A line a unit: this period's bar above the fainter one of the period before.
/// `most`: what the longest possible bar stands for; the greatest of them if not given.
export function PairBars({ pairs, caption, most }: { pairs: Pair[]; caption: string; most?: number | undefined }): JSX.Element {
  const top = most ?? Math.max(1, ...pairs.map((pair) => Math.max(pair.now, pair.before)));
  return (
    <figure class="pairs">
      <figcaption>{caption}</figcaption>
      <ul>
        {pairs.map((pair) => (
          <li key={pair.label}>
            <span class="pair-label">{pair.label}</span>
            <svg class="pair" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true" focusable="false">
              <rect class="now" x="0" y="0" width={(100 * pair.now) / top} height="8" />
              <rect class="before" x="0" y="9" width={(100 * pair.before) / top} height="4" />
            </svg>
            <span class="pair-text">{pair.text}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
