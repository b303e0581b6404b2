// A secretary enrols a phone at her desk, sees it come and its visits arrive, and ends it when it is lost.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { closeBrowser, Desk } from "./support/browser.mjs";
import { dushi, today, Township, until } from "./support/township.mjs";

let township;
before(async () => (township = await Township.begin()));
after(async () => {
  await closeBrowser();
  await township.end();
});

/// What a QR code of the page shows: its modules, read back from the drawing.
function modulesOf(path, side) {
  const rows = Array.from({ length: side }, () => new Array(side).fill(0));
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) rows[Number(y)].fill(1, Number(x), Number(x) + Number(length));
  return rows;
}

test("a phone is enrolled from the page, appears by itself, and its visits are counted as they arrive", async () => {
  const desk = await Desk.signedIn(township);
  await desk.see("/devices");
  await desk.page.getByRole("link", { name: "登记新手机" }).click();
  await desk.page.getByLabel("使用人姓名").fill("李秀英");
  await desk.page.getByLabel("身份").selectOption("volunteer");
  await desk.page.getByRole("searchbox", { name: "输入村名查找" }).fill("独石");
  await desk.page.getByRole("checkbox", { name: /独石村/ }).check();
  await desk.button("生成登记码").click();

  await desk.page.getByRole("heading", { name: "请李秀英用手机扫描" }).waitFor();
  const code = (await desk.page.getByTestId("enrol-code").innerText()).trim();
  const url = (await desk.page.getByTestId("enrol-url").innerText()).trim();
  const view = await desk.page.locator("svg.qr").getAttribute("viewBox");
  const side = Number(view.split(" ")[2]);
  const modules = modulesOf(await desk.page.locator("svg.qr-dark, path.qr-dark").getAttribute("d"), side);
  const finder = "1111111,1000001,1011101,1011101,1011101,1000001,1111111";
  assert.equal(modules.slice(4, 11).map((row) => row.slice(4, 11).join("")).join(), finder, "the corner that a camera looks for");
  assert.ok(modules.slice(0, 4).flat().every((module) => module === 0), "a quiet zone around it");
  assert.match(await desk.page.getByTestId("arrival").innerText(), /等待李秀英的手机连接/);

  const phone = await township.phone("李秀英", code, url);
  await desk.page.getByTestId("arrival").getByText("李秀英的手机已登记成功").waitFor();
  await desk.page.getByTestId("arrival").getByRole("link", { name: "查看手机" }).click();
  const row = desk.page.getByRole("row", { name: /李秀英/ });
  await row.waitFor();
  assert.match(await row.innerText(), /志愿者/);
  assert.match(await row.innerText(), /独石村/);

  phone.stayOnline();
  await row.getByText("在线", { exact: true }).waitFor();

  await desk.page.getByRole("link", { name: "总览" }).first().click();
  const card = desk.page.locator("li.card", { hasText: "独石村" });
  await card.waitFor();
  const visits = async () => Number(/本周走访 (\d+)/.exec((await card.innerText()).replace(/\s+/g, " "))[1]);
  const was = await visits();
  for (const household of await phone.households(3)) await phone.visit(household, "一切都好", today());
  await until(async () => (await visits()) === was + 3);
  await desk.close();
});

test("a code without a name or a village is refused beside the field, and no code is made", async () => {
  const desk = await Desk.signedIn(township);
  await desk.see("/devices/enrol");
  await desk.button("生成登记码").click();
  const wrong = desk.page.locator(".field.invalid .field-error").first();
  await wrong.waitFor();
  assert.equal(await wrong.innerText(), "请填写使用人姓名。", "said in plain Chinese");
  assert.equal(await desk.page.locator(".field.invalid .field-error").nth(1).innerText(), "请至少选一个村。");
  assert.equal(await desk.page.evaluate(() => document.activeElement?.getAttribute("aria-invalid")), "true", "the focus is where the mistake is");
  await desk.see("/devices");
  assert.equal(await desk.text("还没用的登记码").count(), 0);
  await desk.close();
});

test("a hub that listens on every address does not tell a phone to call 0.0.0.0", async () => {
  const desk = await Desk.signedIn(township);
  await desk.page.route("**/api/v1/enrolments", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), url: "wss://0.0.0.0:7300" } });
  });
  await desk.see("/devices/enrol");
  await desk.page.getByLabel("使用人姓名").fill("周玉兰");
  await desk.page.getByRole("checkbox", { name: /沙湾村/ }).check();
  await desk.button("生成登记码").click();
  assert.equal(await desk.page.getByTestId("enrol-url").innerText(), "服务器在办公网络里的地址，端口 7300");
  await desk.close();
});

test("a lost phone is ended from the page: it gets nothing more, and what it wrote since is held back", async () => {
  const phone = await township.enrolled("刘友华");
  const desk = await Desk.signedIn(township);
  await desk.see("/devices");
  await desk.button("停用刘友华的手机").click();
  assert.match(await desk.dialog().innerText(), /停用刘友华的手机？/);
  await desk.page.keyboard.press("Escape");
  assert.equal(await desk.dialog().count(), 0);
  assert.equal(await desk.page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "停用刘友华的手机", "the focus is back");
  await desk.button("停用刘友华的手机").click();
  await desk.dialog().getByRole("button", { name: "停用" }).click();
  await desk.page.getByRole("row", { name: /刘友华/ }).waitFor({ state: "detached" });
  await desk.button(/已停用/).click();
  assert.match(await desk.page.getByRole("row", { name: /刘友华/ }).innerText(), /已挂失/);

  const [household] = await phone.households(1);
  await phone.visit(household, "挂失之后写的", today());
  await phone.sync().catch(() => {});
  await desk.see("/decisions/quarantine");
  const work = desk.page.locator("li.conflict", { hasText: "刘友华" });
  await work.waitFor();
  await work.getByRole("button", { name: "查看内容" }).click();
  await work.getByText("挂失之后写的").waitFor();
  await work.getByRole("checkbox").check();
  await desk.button("采用").first().click();
  await desk.dialog().getByRole("button", { name: "采用" }).click();
  await desk.text("已采用 1 项").waitFor();
  const other = await township.enrolled("周玉兰");
  const [{ n }] = await other.sql("select count(*) as n from visit where findings = '挂失之后写的'");
  assert.equal(n, 1);
  await desk.close();
});

test("work that waited on a phone is counted as waiting until it has arrived, and no longer", async () => {
  const phone = await township.enrolled("邓翠珍");
  const [household] = await phone.households(1);
  for (const findings of ["上午去过", "下午又去", "晚上电话"]) await phone.visit(household, findings, today());
  await phone.sync();
  const desk = await Desk.signedIn(township);
  await desk.see("/devices");
  const row = desk.page.getByRole("row", { name: /邓翠珍/ });
  assert.equal(await row.locator("td[data-label=待上传]").innerText(), "0");
  await desk.close();
});

test("the units of a phone change at the desk, and the phone lets go of the village", async () => {
  const phone = await township.enrolled("贺玉");
  const desk = await Desk.signedIn(township);
  await desk.see("/devices");
  await desk.button("改贺玉的数据范围").click();
  const dialog = desk.dialog();
  await dialog.getByRole("button", { name: /去掉独石村/ }).click();
  await dialog.getByRole("searchbox").fill("白岩");
  await dialog.getByRole("checkbox").first().check();
  await dialog.getByRole("button", { name: "保存" }).click();
  await dialog.waitFor({ state: "detached" });
  await until(async () => !(await desk.page.getByRole("row", { name: /贺玉/ }).innerText()).includes("独石村"));
  await phone.sync();
  await phone.sync();
  const [{ n }] = await phone.sql(`select count(*) as n from household where village_code = '${dushi}'`);
  assert.equal(n, 0);
  await desk.close();
});
