// node screenshots.mjs FOLDER: the pictures of the README and the docs, of a hub with the sample village in which phones
// were at work. Small files: 8-bit colours are enough for pages.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { closeBrowser, Desk, officePc, phone as phoneSize } from "./support/browser.mjs";
import { paletted } from "./support/paletted_png.mjs";
import { playWeek } from "./support/village_week.mjs";
import { dushi, qiaojiang, Township } from "./support/township.mjs";

const folder = process.argv[2];
if (!folder) throw new Error("usage: node screenshots.mjs FOLDER");
mkdirSync(folder, { recursive: true });

const township = await Township.begin();
try {
  const shown = await playWeek(township);
  const pictures = [
    ["overview", "/overview?order=attention", officePc, "zh"],
    ["overview-en", "/overview?order=attention", officePc, "en"],
    ["overview-phone", "/overview?order=attention", phoneSize, "zh"],
    ["devices", "/devices", officePc, "zh"],
    ["decisions", "/decisions/conflicts", officePc, "zh"],
    ["decisions-phone", "/decisions/conflicts", phoneSize, "zh"],
    ["duplicates", "/decisions/duplicates", officePc, "zh"],
    ["record", `/records/household/${shown.household}`, officePc, "zh"],
    ["report", `/reports?scope=${dushi}&period=${shown.week}`, officePc, "zh"],
    ["report-township", `/reports?scope=${qiaojiang}&period=${shown.week}`, officePc, "en"],
  ];
  const desks = new Map();
  for (const [name, path, size, language] of pictures) {
    const key = `${size.width} ${language}`;
    if (!desks.has(key)) desks.set(key, await Desk.signedIn(township, { size, language }));
    const desk = desks.get(key);
    await desk.see(path);
    await desk.page.evaluate(() => document.fonts.ready);
    const png = paletted(await desk.page.screenshot({ animations: "disabled" }));
    writeFileSync(join(folder, `console-${name}.png`), png);
    console.log(`console-${name}.png ${(png.length / 1024).toFixed(0)} KB`);
  }
  const desk = [...desks.values()][0];
  await desk.see("/devices/enrol");
  await desk.page.locator("input[name=name]").fill("张满秀");
  await desk.page.getByRole("searchbox").fill("独石");
  await desk.page.getByRole("checkbox").first().check();
  await desk.page.locator("form .button.primary").click();
  await desk.page.locator("svg.qr").waitFor();
  const png = paletted(await desk.page.screenshot({ animations: "disabled" }));
  writeFileSync(join(folder, "console-enrol.png"), png);
  console.log(`console-enrol.png ${(png.length / 1024).toFixed(0)} KB`);
} finally {
  await closeBrowser();
  await township.end();
}
