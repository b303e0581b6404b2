// Who comes in and who does not, and what somebody sees whose line breaks.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { closeBrowser, Desk } from "./support/browser.mjs";
import { Township, until } from "./support/township.mjs";

let township;
before(async () => (township = await Township.begin()));
after(async () => {
  await closeBrowser();
  await township.end();
});

test("the first code is the one that the hub printed; a wrong one is told beside the field", async () => {
  assert.ok(township.code, "the hub prints a code while nobody can sign in");
  const desk = await Desk.open(township);
  await desk.go("/devices");
  await desk.page.locator("input[name=code]").fill("2345-6789-ABCD");
  await desk.page.locator("button[type=submit]").click();
  const wrong = desk.page.locator(".field-error");
  await wrong.waitFor();
  assert.match(await wrong.innerText(), /[\u4e00-\u9fff]/);
  assert.equal(await desk.page.locator("nav.ways").count(), 0);
  await desk.enter(township.code);
  await desk.page.getByRole("heading", { name: "手机", level: 1 }).waitFor();
  await desk.button("退出").click();
  await desk.page.locator("input[name=code]").waitFor();
  await desk.page.locator("input[name=code]").fill(township.code);
  await desk.page.locator("button[type=submit]").click();
  await wrong.waitFor();
  await desk.close([/401/, /400/, /403/]);
});

test("the office sees numbers: its pages are the overview and the reports, and others are not there", async () => {
  const desk = await Desk.signedIn(township, { role: "office", name: "县办公室" });
  await desk.see("/overview");
  assert.deepEqual((await desk.page.locator("nav.ways .way").allInnerTexts()).map((text) => text.trim()), ["总览", "报表"]);
  await desk.see("/records");
  assert.equal(await desk.page.locator("h1").innerText(), "没有这个页面");
  const answers = await desk.page.evaluate(async () => {
    const paths = ["devices", "conflicts", "duplicates", "quarantine", "records?q=王"];
    return Promise.all(paths.map(async (path) => (await fetch(`/api/v1/${path}`)).status));
  });
  assert.deepEqual(answers, [403, 403, 403, 403, 403]);
  await desk.close([/403/]);
});

test("the language is one click away, is kept, and the hub's own words follow", async () => {
  const desk = await Desk.signedIn(township);
  await desk.see("/devices/enrol");
  await desk.button("English").click();
  await desk.page.getByRole("heading", { name: "Enrol a phone", level: 1 }).waitFor();
  assert.equal(await desk.page.locator("html").getAttribute("lang"), "en");
  await desk.button("Make the code").click();
  const wrong = desk.page.locator(".field.invalid .field-error").first();
  await wrong.waitFor();
  assert.doesNotMatch(await wrong.innerText(), /[\u4e00-\u9fff]/);
  await desk.close([/400/]);
});

test("everything is reached with the keyboard: the skip link first, then the pages, and the heading has the focus", async () => {
  const desk = await Desk.signedIn(township);
  await desk.see("/overview");
  await desk.page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await desk.page.keyboard.press("Tab");
  const focused = () => desk.page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  assert.equal(await focused(), "跳到正文");
  await until(async () => {
    await desk.page.keyboard.press("Tab");
    return (await focused()) === "手机";
  });
  await desk.page.keyboard.press("Enter");
  await desk.page.getByRole("heading", { name: "手机", level: 1 }).waitFor();
  await until(async () => (await desk.page.evaluate(() => document.activeElement?.tagName)) === "H1");
  await desk.close();
});

test("when the hub stops the page says that it is alone, and goes on when the hub is back", async () => {
  const desk = await Desk.signedIn(township);
  await desk.see("/overview");
  const before = await desk.page.locator("li.card").count();
  await township.stop();
  await desk.text("和服务器的连接断开了").waitFor();
  assert.equal(await desk.page.locator("li.card").count(), before, "what was seen stays");
  await township.serve();
  await desk.text("和服务器的连接断开了").waitFor({ state: "detached" });
  await desk.close([/ERR_CONNECTION/, /ERR_INCOMPLETE/, /ERR_EMPTY/, /Failed to load/]);
});
