// Every page in both languages at both sizes: nothing that keeps a person out, nothing wider than the screen, and no
// complaint of the browser. Then what is looked up, and what is printed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { closeBrowser, Desk, officePc, phone } from "./support/browser.mjs";
import { dushi, qiaojiang, today, Township } from "./support/township.mjs";

let township;
let household;
before(async () => {
  township = await Township.begin();
  const li = await township.enrolled("李秀英");
  const wang = await township.enrolled("王建国");
  [household] = await li.households(1);
  const [person] = await li.sql("select lower(hex(id)) as id from resident where deceased_on is null order by id limit 1");
  for (const [each, day, number] of [[wang, "2026-10-01", "13800000001"], [li, "2026-10-02", "13800000002"]]) {
    await each.sql(`update resident set deceased_on = '${day}' where id = x'${person.id}'`);
    await each.sql(`update household set phone = '${number}' where id = x'${household}'`);
    await each.sql(
      "insert into household (id, village_code, villager_group, courtyard, head_name, address) values " +
        `(uuid7(), '${dushi}', 3, '新院子', '${each === li ? "向德明" : "向德民"}', '独石村3组新院子9号')`,
    );
  }
  await li.visit(household, "老人身体很好，家里有两个孙子。", today());
  const lost = await township.enrolled("刘友华");
  for (const each of [wang, li, wang]) await each.sync();
  const [{ device }] = (await township.command("devices", "--json")).split("\n").filter((line) => line.includes("刘友华")).map((line) => JSON.parse(line));
  await township.command("revoke", device, "--lost");
  await lost.visit(household, "挂失之后写的", today());
  await lost.sync().catch(() => {});
});
after(async () => {
  await closeBrowser();
  await township.end();
});

const pages = () => [
  "/overview",
  "/devices?show=all",
  "/devices/enrol",
  "/decisions/conflicts?state=all",
  "/decisions/duplicates?state=all",
  "/decisions/quarantine?state=all",
  "/records?q=王",
  `/records/household/${household}`,
  `/reports?scope=${qiaojiang}&period=2024-W47`,
  `/reports?kind=monthly&scope=${dushi}&period=2024-11`,
  "/nowhere",
];

for (const [size, sizeName] of [[officePc, "an office PC"], [phone, "a phone"]]) {
  for (const language of ["zh", "en"]) {
    test(`no page keeps anybody out, on ${sizeName}, in ${language === "zh" ? "Chinese" : "English"}`, async () => {
      const desk = await Desk.open(township, { size, language });
      await desk.go("/");
      await desk.page.locator("input[name=code]").waitFor();
      const obstacles = { "sign-in": await desk.obstacles() };
      await desk.enter(await township.consoleCode("张桂英"));
      for (const path of pages()) {
        await desk.see(path);
        obstacles[path] = await desk.obstacles();
        if ((await desk.overflow()) > 0) obstacles[path].push("it is wider than the screen");
      }
      await desk.see(`/records/household/${household}`);
      await desk.page.locator(".cells .row-actions .button").first().click();
      await desk.dialog().locator(".history").waitFor();
      obstacles["a dialog"] = await desk.obstacles();
      assert.deepEqual(Object.fromEntries(Object.entries(obstacles).filter(([, found]) => found.length > 0)), {});
      await desk.close();
    });
  }
}

test("a household is found while its name is typed, and every value says who wrote it and what it was", async () => {
  const desk = await Desk.signedIn(township);
  await desk.see("/records");
  await desk.page.getByRole("searchbox", { name: "查找" }).pressSequentially("向德明");
  await desk.page.locator(".hit", { hasText: "向德明" }).first().click();
  await desk.page.getByRole("heading", { level: 1, name: /向德明/ }).waitFor();
  await desk.see(`/records/household/${household}`);
  const number = desk.page.locator(".cells tr", { hasText: "电话" });
  assert.match(await number.innerText(), /1380000000[12]/);
  await desk.page.locator(".timeline").getByText("老人身体很好，家里有两个孙子。").waitFor();
  await desk.button("“电话”的来历").click();
  const history = desk.dialog();
  await history.getByText("13800000001").first().waitFor();
  const told = await history.innerText();
  for (const word of ["13800000002", "李秀英", "王建国", "以最新的为准"]) assert.ok(told.includes(word), word);
  await desk.close();
});

test("the bulletin of a week is printed on paper that has the figures and not the buttons", async () => {
  const desk = await Desk.signedIn(township);
  await desk.see(`/reports?scope=${dushi}&period=2024-W47`);
  await desk.page.getByRole("heading", { name: /独石村每周通报/ }).waitFor();
  assert.equal(await desk.page.getByLabel("时期").inputValue(), "2024-W47", "the field says which week is shown, however long ago it was");
  await desk.page.emulateMedia({ media: "print" });
  assert.equal(await desk.page.locator("nav.ways").isVisible(), false);
  assert.equal(await desk.page.locator(".toolbar").isVisible(), false);
  assert.ok(await desk.page.getByText("走访户数").first().isVisible());
  const pdf = await desk.page.pdf({ format: "A4", printBackground: true, preferCSSPageSize: true });
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  assert.ok(pdf.length > 20_000, `${pdf.length} bytes`);
  const sheets = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
  assert.ok(sheets >= 1 && sheets <= 2, `${sheets} pages`);
  await desk.page.emulateMedia({ media: null });
  await desk.see("/reports");
  await desk.page.getByRole("heading", { name: /桥江镇每周通报/ }).waitFor();
  const whole = await desk.page.pdf({ format: "A4", printBackground: true, preferCSSPageSize: true });
  assert.equal(whole.toString("latin1").match(/\/Type\s*\/Page\b/g).length, 1, "29 villages go on one sheet");
  await desk.see(`/reports?scope=${dushi}&period=2024-W47`);

  const shown = JSON.parse(await township.command("report", "weekly", "--scope", dushi, "--week", "2024-W47", "--json"));
  const figure = await desk.page.locator("tr", { has: desk.page.getByRole("rowheader", { name: "入户走访", exact: true }) }).locator("td").first().innerText();
  assert.equal(figure, String(shown.units[0].now.visits));

  const [download] = await Promise.all([desk.page.waitForEvent("download"), desk.button("下载表格").click()]);
  assert.equal(download.suggestedFilename(), `weekly-2024-W47-${dushi}.csv`);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  assert.match(Buffer.concat(chunks).toString("utf8"), /^\ufeff代码,单位,层级,.*\r\n431224103212,/);
  await desk.close();
});

test("an address that was cut off on its way says that there is no such page, and the ways out are there", async () => {
  const desk = await Desk.signedIn(township);
  for (const path of ["/%E4%BD", "/records/household/%"]) {
    await desk.see(path);
    assert.equal(await desk.page.locator("nav.ways .way").count(), 5, path);
  }
  await desk.close([/400/]);
});
