// An input for a value of a column: its type decides what may be typed. The hub has the last word.

import type { JSX } from "preact";

import type { Json, SchemaColumn } from "../api/types";
import { t, valueName } from "../words";

interface ValueInputProps {
  id: string;
  column: SchemaColumn | undefined;
  text: string;
  change: (text: string) => void;
  invalid: boolean;
  described: string;
}

export function ValueInput({ id, column, text, change, invalid, described }: ValueInputProps): JSX.Element {
  const shared = { id, value: text, "aria-invalid": invalid || undefined, "aria-describedby": described };
  if (column && column.states.length > 0) {
    return (
      <select {...shared} onChange={(event) => change(event.currentTarget.value)}>
        <option value="">{t("value.choose")}</option>
        {column.states.map((state) => (
          <option key={state} value={state}>
            {valueName(state)}
          </option>
        ))}
      </select>
    );
  }
  if (column?.type === "boolean") {
    return (
      <select {...shared} onChange={(event) => change(event.currentTarget.value)}>
        <option value="">{t("value.choose")}</option>
        <option value="true">{t("value.yes")}</option>
        <option value="false">{t("value.no")}</option>
      </select>
    );
  }
  const type = column?.type === "date" ? "date" : "text";
  const mode = column?.type === "integer" ? "numeric" : column?.type === "real" ? "decimal" : "text";
  return <input {...shared} type={type} inputMode={mode} autocomplete="off" onInput={(event) => change(event.currentTarget.value)} />;
}

/// What was typed as a value of the column; undefined when it cannot be one. Money is typed in yuan.
export function readValue(text: string, column: SchemaColumn | undefined): Json | undefined {
  const typed = text.trim();
  const type = column?.type ?? "text";
  if (typed === "") return column?.required || column?.states.length ? undefined : null;
  if (type === "boolean") return typed === "true";
  if (type === "integer") {
    if (column?.name.endsWith("_fen")) {
      const yuan = /^-?\d+(\.\d{1,2})?$/.test(typed) ? Math.round(Number(typed) * 100) : NaN;
      return Number.isSafeInteger(yuan) ? yuan : undefined;
    }
    return /^-?\d+$/.test(typed) && Number.isSafeInteger(Number(typed)) ? Number(typed) : undefined;
  }
  if (type === "real") return Number.isFinite(Number(typed)) ? Number(typed) : undefined;
  return typed;
}
