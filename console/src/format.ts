// Times, sizes and values as people read them, in the language that is shown. Days are those of China.

import type { Json, SchemaColumn } from "./api/types";
import { currentLanguage, t, valueName } from "./words";

const zone = "Asia/Shanghai";
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(kind: "day" | "minute"): Intl.DateTimeFormat {
  let found = formatters.get(kind);
  if (!found) {
    const day: Intl.DateTimeFormatOptions = { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" };
    // Swedish writes days as the records have them, 2026-11-23, which both languages read.
    found = new Intl.DateTimeFormat("sv-SE", kind === "day" ? day : { ...day, hour: "2-digit", minute: "2-digit", hour12: false });
    formatters.set(kind, found);
  }
  return found;
}

export function timeText(at: string | null | undefined): string {
  if (!at) return t("time.unknown");
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : formatter("minute").format(date);
}

export function dayText(at: string | null | undefined): string {
  if (!at) return "—";
  if (/^\d{4}-\d{2}-\d{2}$/.test(at)) return at;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : formatter("day").format(date);
}

/// "3 hours ago"; what lies ahead by a moment is "just now".
export function agoText(at: string | null | undefined, now = Date.now()): string {
  if (!at) return t("time.never");
  const minutes = Math.floor((now - new Date(at).getTime()) / 60_000);
  if (minutes < 1) return t("time.now");
  if (minutes < 60) return t("time.minutes", { n: minutes });
  if (minutes < 48 * 60) return t("time.hours", { n: Math.floor(minutes / 60) });
  return t("time.days", { n: Math.floor(minutes / 1440) });
}

/// How long until then, for what runs out.
export function inText(at: string, now = Date.now()): string {
  const minutes = Math.ceil((new Date(at).getTime() - now) / 60_000);
  return minutes <= 0 ? t("time.over") : t("time.left", { n: minutes });
}

export function sizeText(bytes: number | null): string {
  if (bytes === null) return "—";
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return `${Math.round(bytes / 1e6)} MB`;
}

/// How far a phone's clock is off, in whole words; "correct" below a minute.
export function clockText(ms: number | null): string {
  if (ms === null) return "—";
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 1) return t("clock.right");
  const amount =
    minutes < 120 ? t("span.minutes", { n: minutes })
    : minutes < 2880 ? t("span.hours", { n: Math.round(minutes / 60) })
    : t("span.days", { n: Math.round(minutes / 1440) });
  return ms > 0 ? t("clock.ahead", { amount }) : t("clock.behind", { amount });
}

export function numberText(value: number): string {
  return value.toLocaleString(currentLanguage() === "zh" ? "zh-CN" : "en-GB");
}

export function percent(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, Math.round((100 * part) / whole)) : 0;
}

export type FigureUnit = "count" | "fen" | "mean" | "percent";

export function amountText(unit: FigureUnit, value: number | null): string {
  if (value === null) return "—";
  if (unit === "fen") return (value / 100).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  if (unit === "percent") return `${value.toFixed(1)}%`;
  if (unit === "mean") return value.toFixed(2);
  return numberText(value);
}

/// Who wrote something. What a hub was filled with at first has the hub itself for its author.
export function authorText(name: string): string {
  return name === "hub" ? t("author.hub") : name;
}

/// A value of a record: words of the schema in the reader's language, money in yuan, nothing as a dash.
export function valueText(value: Json, column?: SchemaColumn | string): string {
  const name = typeof column === "string" ? column : column?.name;
  const type = typeof column === "string" ? undefined : column?.type;
  if (value === null || value === "") return t("value.none");
  if (typeof value === "boolean") return value ? t("value.yes") : t("value.no");
  if (typeof value === "number") {
    if (type === "boolean") return t(value === 0 ? "value.no" : "value.yes");
    if (name?.endsWith("_fen")) return t("value.yuan", { n: amountText("fen", value) });
    if (type === "timestamp" || name?.endsWith("_at")) return timeText(new Date(value).toISOString());
    return String(value);
  }
  if (Array.isArray(value)) return value.map((each) => valueText(each, column)).join(t("list.comma"));
  if (typeof value === "object") return JSON.stringify(value);
  const elements = /^\["/.test(value) ? elementsOf(value) : null;
  return elements ? elements.map(valueName).join(t("list.comma")) : wordsText(value);
}

/// The elements of a set as the hub stores it.
function elementsOf(text: string): string[] | null {
  try {
    const list = JSON.parse(text) as unknown;
    return Array.isArray(list) ? list.map(String) : null;
  } catch {
    return null;
  }
}

/// What the hub has put in words already; the schema's own words in it become the reader's.
export function wordsText(display: string): string {
  if (display === "") return t("value.none");
  return display.split(/(、|, |\n)/).map((part) => valueName(part)).join("");
}

/// The ISO week that holds a day, such as 2026-W47.
export function weekOf(day: Date): string {
  const date = new Date(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()));
  const weekday = date.getUTCDay() || 7;
  date.setUTCDate(date.getUTCDate() + 4 - weekday);
  const first = Date.UTC(date.getUTCFullYear(), 0, 1);
  const week = Math.ceil(((date.getTime() - first) / 86_400_000 + 1) / 7);
  return `${date.getUTCFullYear()}-W${String(week).padStart(2, "0")}`;
}

/// A day as the calendar of China has it, whatever the office PC's zone is.
export function todayInChina(now = new Date()): Date {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(now).split("-").map(Number);
  return new Date(parts[0] ?? 1970, (parts[1] ?? 1) - 1, parts[2] ?? 1);
}

/// The first day (Monday) and the last of an ISO week.
export function daysOfWeek(week: string): [string, string] {
  const match = /^(\d{4})-W(\d{2})$/.exec(week);
  if (!match) return [week, week];
  const year = Number(match[1]);
  const fourth = new Date(Date.UTC(year, 0, 4));
  const monday = new Date(fourth);
  monday.setUTCDate(fourth.getUTCDate() - ((fourth.getUTCDay() || 7) - 1) + (Number(match[2]) - 1) * 7);
  const sunday = new Date(monday);
  sunday.setUTCDate(monday.getUTCDate() + 6);
  return [monday.toISOString().slice(0, 10), sunday.toISOString().slice(0, 10)];
}
