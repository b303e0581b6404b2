// Both languages say the same things: every key in both, with the same parts to fill in, and every key is used.
// Every table, column and state of the village schema has a Chinese name.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..");
const read = (path) => readFileSync(join(folder, path), "utf8");
const wrong = [];

function catalogue(path) {
  const found = new Map();
  for (const [, key, text] of read(path).matchAll(/^ {2}"([a-z_.]+)": "((?:[^"\\]|\\.)*)",$/gm)) {
    if (found.has(key)) wrong.push(`${path}: ${key} stands twice`);
    found.set(key, text);
  }
  return found;
}

const parts = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort().join(" ");
const chinese = catalogue("src/words/zh.ts");
const english = catalogue("src/words/en.ts");
for (const [key, text] of chinese) {
  if (!english.has(key)) wrong.push(`${key} is missing in English`);
  else if (parts(text) !== parts(english.get(key))) wrong.push(`${key} has other parts in English`);
  if (text === "") wrong.push(`${key} is empty in Chinese`);
}
for (const key of english.keys()) if (!chinese.has(key)) wrong.push(`${key} is missing in Chinese`);

function textsBelow(path) {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
    const name = `${path}/${entry.name}`;
    if (entry.isDirectory()) return textsBelow(name);
    return /\.tsx?$/.test(name) && !/words\/(zh|en|schema_zh)\.ts$/.test(name) ? [read(name)] : [];
  });
}

const sources = textsBelow("src").join("\n");
const patterns = [...sources.matchAll(/`([a-z_]+\.[a-z_]*)\$\{[^}]+\}([a-z_]*)`/g)].map(([, before, after]) => new RegExp(`^${before.replace(".", "\\.")}[a-z_]+${after}$`));
for (const key of chinese.keys()) {
  if (!sources.includes(`"${key}"`) && !patterns.some((pattern) => pattern.test(key))) wrong.push(`${key} is never said`);
}

// Only where it is named: a test does, so that a new column stops nobody's build.
const schema = process.argv[2];
if (schema) {
  const named = read("src/words/schema_zh.ts");
  const names = (list) => new Set([...new RegExp(`${list}: Names = \\{([^}]*)\\}`).exec(named)[1].matchAll(/(\w+): "/g)].map((match) => match[1]));
  const [tables, columns, values] = [names("tablesInChinese"), names("columnsInChinese"), names("valuesInChinese")];
  for (const [, table] of readFileSync(schema, "utf8").matchAll(/^\[tables\.(\w+)\]$/gm)) if (!tables.has(table)) wrong.push(`table ${table} has no Chinese name`);
  for (const [, body] of readFileSync(schema, "utf8").matchAll(/^\[tables\.\w+\.columns\]\n((?:.*\n)*?)(?=\n|\[)/gm)) {
    for (const [, column] of body.matchAll(/^(\w+) = /gm)) if (!columns.has(column)) wrong.push(`column ${column} has no Chinese name`);
  }
  for (const [, states] of readFileSync(schema, "utf8").matchAll(/states = \[([^\]]*)\]/g)) {
    for (const [, state] of states.matchAll(/"(\w+)"/g)) if (!values.has(state)) wrong.push(`state ${state} has no Chinese name`);
  }
}

if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log(`${chinese.size} phrases in both languages`);
