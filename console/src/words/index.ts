// The two languages. Chinese unless someone chose English here before.

import { english } from "./en";
import { tablesInChinese, columnsInChinese, valuesInChinese } from "./schema_zh";
import { chinese } from "./zh";

export type Language = "zh" | "en";
export type Word = keyof typeof chinese;
type Params = { [name: string]: string | number };

const storageKey = "doorstep-language";
let language: Language = "zh";

function stored(): string | null {
  try {
    return window.localStorage.getItem(storageKey);
  } catch {
    return null; // storage is switched off: the choice lasts as long as the page
  }
}

export function startLanguage(): Language {
  setLanguage(stored() === "en" ? "en" : "zh");
  return language;
}

export function setLanguage(wanted: Language): void {
  language = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
  try {
    window.localStorage.setItem(storageKey, wanted);
  } catch {
    // As above.
  }
}

export function currentLanguage(): Language {
  return language;
}

/// The words of `key`; {name} in them is taken from `params`.
export function t(key: Word, params: Params = {}): string {
  const text = language === "zh" ? chinese[key] : english[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole));
}

function humanised(identifier: string): string {
  return identifier.replace(/_(id|code|on|at)$/, "").replace(/_/g, " ");
}

/// What people call a table of the schema.
export function tableName(table: string): string {
  return (language === "zh" && tablesInChinese[table]) || humanised(table);
}

export function columnName(column: string): string {
  return (language === "zh" && columnsInChinese[column]) || humanised(column);
}

/// A word that the schema stores, such as a state or a label; anything else as it is.
export function valueName(value: string): string {
  if (language === "zh") return valuesInChinese[value] ?? value;
  return /^[a-z]+(_[a-z]+)+$/.test(value) ? value.replace(/_/g, " ") : value;
}
