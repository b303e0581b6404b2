// Choosing units of the organisation: one from a list that follows the tree, or several with a search.

import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";

import type { Unit } from "../api/types";
import { shortName, useSession } from "../session";
import { t } from "../words";
import { Icon } from "./icon";
import { Select } from "./field";

const indent = "\u3000"; // a full-width space: lists of choices trim ordinary ones

/// Units at which there is something to see: those with villages below, and villages.
function reachable(units: Unit[]): Unit[] {
  const first = units[0]?.depth ?? 0;
  // Above the first unit with several below there is nothing to choose between.
  const counted = new Map<string, number>();
  for (const unit of units) if (unit.parent) counted.set(unit.parent, (counted.get(unit.parent) ?? 0) + 1);
  const from = units.find((unit) => (counted.get(unit.code) ?? 0) !== 1)?.depth ?? first;
  return units.filter((unit) => unit.depth >= from);
}

export function topUnit(units: Unit[]): Unit | undefined {
  return reachable(units)[0];
}

interface PickerProps {
  label: string;
  value: string;
  change: (code: string) => void;
  /// What the choice of no unit is called, where there is that choice.
  all?: string;
}

export function UnitPicker({ label, value, change, all }: PickerProps): JSX.Element {
  const { units } = useSession();
  const shown = reachable(units);
  const from = shown[0]?.depth ?? 0;
  const choices = shown.map((unit) => ({ value: unit.code, label: indent.repeat(unit.depth - from) + shortName(unit.name) }));
  return <Select label={label} value={value} change={change} choices={all === undefined ? choices : [{ value: "", label: all }, ...choices]} />;
}

const shownMax = 30;

interface UnitsProps {
  chosen: string[];
  change: (codes: string[]) => void;
  labelledBy: string;
  described?: string | undefined;
  invalid?: boolean;
}

/// Villages, or anything above them, as tick boxes; a search narrows them down.
export function UnitsField({ chosen, change, labelledBy, described, invalid }: UnitsProps): JSX.Element {
  const { units, unitNames } = useSession();
  const [search, setSearch] = useState("");
  const id = useId();
  const wanted = search.trim();
  const fits = units.filter((unit) => !wanted || unit.name.includes(wanted) || unit.code.startsWith(wanted));
  const order = wanted ? fits : [...fits].sort((a, b) => b.depth - a.depth);
  const listed = order.slice(0, shownMax);
  const toggle = (code: string): void => change(chosen.includes(code) ? chosen.filter((one) => one !== code) : [...chosen, code]);
  return (
    <div class="units" role="group" aria-labelledby={labelledBy} aria-describedby={described}>
      {chosen.length > 0 && (
        <ul class="tags">
          {chosen.map((code) => (
            <li key={code} class="tag">
              {shortName(unitNames.get(code)?.name ?? code)}
              <button type="button" class="tag-remove" aria-label={t("units.remove", { name: unitNames.get(code)?.name ?? code })} onClick={() => toggle(code)}>
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        type="search"
        value={search}
        placeholder={t("units.search")}
        aria-label={t("units.search")}
        aria-invalid={invalid || undefined}
        onInput={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
      />
      <ul class="unit-list" tabIndex={0} aria-label={t("units.list")}>
        {listed.map((unit) => (
          <li key={unit.code}>
            <input type="checkbox" id={`${id}-${unit.code}`} checked={chosen.includes(unit.code)} onChange={() => toggle(unit.code)} />
            <label for={`${id}-${unit.code}`}>
              {shortName(unit.name)} <span class="quiet">{unit.code}</span>
            </label>
          </li>
        ))}
        {listed.length === 0 && <li class="quiet">{t("units.none")}</li>}
        {order.length > shownMax && <li class="quiet">{t("units.more", { n: order.length - shownMax })}</li>}
      </ul>
    </div>
  );
}
