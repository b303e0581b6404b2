// What the phones could not settle among themselves is settled at the desk, and the phones get it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { closeBrowser, Desk } from "./support/browser.mjs";
import { dushi, Township } from "./support/township.mjs";

let township;
let li;
let wang;
before(async () => {
  township = await Township.begin();
  li = await township.enrolled("李秀英");
  wang = await township.enrolled("王建国");
});
after(async () => {
  await closeBrowser();
  await township.end();
});

const living = (count) => `select lower(hex(r.id)) as id, r.name as name from resident r where r.deceased_on is null order by r.id limit 1 offset ${count}`;

/// Two volunteers, both offline, write two dates of one person's death: a column that a person decides about.
async function twoDates(offset, first, second) {
  const [person] = await li.sql(living(offset));
  await wang.sql(`update resident set deceased_on = '${first}' where id = x'${person.id}'`);
  await li.sql(`update resident set deceased_on = '${second}' where id = x'${person.id}'`);
  for (const phone of [wang, li, wang]) await phone.sync();
  return person;
}

async function dateOf(phone, person) {
  await phone.sync();
  const [row] = await phone.sql(`select deceased_on from resident where id = x'${person.id}'`);
  return row.deceased_on;
}

const item = (desk, person) => desk.page.locator("li.conflict", { hasText: person.name }).first();

test("two dates of one death stand side by side, the secretary keeps the other, and both phones get it", async () => {
  const person = await twoDates(3, "2026-10-01", "2026-10-02");
  const desk = await Desk.signedIn(township);
  await desk.see("/decisions/conflicts");
  const conflict = item(desk, person);
  await conflict.waitFor();
  const shown = await conflict.innerText();
  for (const word of ["2026-10-01", "2026-10-02", "李秀英", "王建国", "去世日期"]) assert.ok(shown.includes(word), word);
  const other = await conflict.locator(".side:not(.stands) .side-value").innerText();
  await conflict.getByRole("button", { name: "改用另一个" }).click();
  await conflict.waitFor({ state: "detached" });
  assert.equal(await dateOf(wang, person), other);
  assert.equal(await dateOf(li, person), other);

  await desk.see("/decisions/conflicts?state=all");
  await item(desk, person).getByText("决定前显示的值").waitFor();
  assert.equal(await item(desk, person).getByText("现在显示的值").count(), 0, "what was shown when they met is not called what is shown now");
  await item(desk, person).getByRole("button", { name: "撤销决定" }).click();
  await item(desk, person).getByRole("button", { name: "都不对，填写正确的值" }).click();
  await item(desk, person).locator("input[type=date]").fill("2026-09-30");
  await item(desk, person).getByRole("button", { name: "使用这个值" }).click();
  await item(desk, person).getByText(/由张桂英于/).waitFor();
  assert.equal(await dateOf(wang, person), "2026-09-30");
  assert.equal(await dateOf(li, person), "2026-09-30");
  await desk.close();
});

test("several disagreements are decided at once, by those that were ticked", async () => {
  const people = [await twoDates(11, "2026-08-01", "2026-08-02"), await twoDates(12, "2026-08-03", "2026-08-04"), await twoDates(13, "2026-08-05", "2026-08-06")];
  const desk = await Desk.signedIn(township);
  await desk.see("/decisions/conflicts");
  for (const person of people.slice(0, 2)) await item(desk, person).getByRole("checkbox").check();
  await desk.text("已选 2 项").waitFor();
  const stand = [];
  for (const person of people) stand.push(await item(desk, person).locator(".side.stands .side-value").innerText());
  await desk.button("所选都保留现在的").click();
  await desk.text("已决定 2 项").waitFor();
  for (const person of people.slice(0, 2)) await item(desk, person).waitFor({ state: "detached" });
  assert.equal(await item(desk, people[2]).count(), 1, "the third still waits");
  for (const [i, person] of people.entries()) assert.equal(await dateOf(wang, person), stand[i]);
  await desk.close();
});

test("one household registered twice is joined at the desk and parted again, and the phones follow", async () => {
  const enter = (phone, name, number) =>
    phone.sql(
      "insert into household (id, village_code, villager_group, courtyard, head_name, phone, address) values " +
        `(uuid7(), '${dushi}', 3, '新院子', '${name}', '${number}', '独石村3组新院子9号')`,
    );
  await enter(li, "向德明", "13800000001");
  await enter(wang, "向德民", "13800000002");
  for (const phone of [li, wang, li]) await phone.sync();
  const count = async (phone) => {
    await phone.sync();
    const [{ n }] = await phone.sql("select count(*) as n from household where courtyard = '新院子'");
    return n;
  };
  assert.equal(await count(li), 2);

  const desk = await Desk.signedIn(township);
  await desk.see("/decisions/duplicates");
  const pair = desk.page.locator("li.conflict", { hasText: "向德" }).first();
  await pair.waitFor();
  const differing = await pair.locator("tr.differs").allInnerTexts();
  assert.ok(differing.some((row) => row.includes("13800000001") && row.includes("13800000002")), "the numbers are marked");
  assert.equal(await pair.getByRole("rowheader", { name: "村民小组" }).count(), 0, "what is alike is not shown at first");
  await pair.getByRole("radio", { name: /右边/ }).check();
  const kept = (await pair.locator("thead a").nth(1).innerText()).trim();
  await pair.getByRole("button", { name: "是同一个，合并" }).click();
  await desk.dialog().getByRole("button", { name: "是同一个，合并" }).click();
  await pair.waitFor({ state: "detached" });
  assert.equal(await count(li), 1);
  assert.equal(await count(wang), 1);
  const [merged] = await wang.sql("select head_name from household where courtyard = '新院子'");
  assert.ok(kept.includes(merged.head_name), `${kept} goes on, and is ${merged.head_name} on the phone`);

  await desk.see("/decisions/duplicates?state=all");
  await desk.button("拆开").click();
  await desk.dialog().getByRole("button", { name: "拆开" }).click();
  await desk.page.locator("li.conflict .pill", { hasText: "已拆开" }).waitFor();
  assert.equal(await count(li), 2);
  assert.equal(await count(wang), 2);
  await desk.close();
});

test("a pair that another desk has settled meanwhile says so, and nothing is done twice", async () => {
  const enter = (phone, name) =>
    phone.sql(
      "insert into household (id, village_code, villager_group, courtyard, head_name, address) values " +
        `(uuid7(), '${dushi}', 4, '老院子', '${name}', '独石村4组老院子2号')`,
    );
  await enter(li, "舒文云");
  await enter(wang, "舒文耘");
  for (const phone of [li, wang]) await phone.sync();
  const desk = await Desk.signedIn(township);
  await desk.see("/decisions/duplicates");
  const pair = desk.page.locator("li.conflict", { hasText: "舒文" }).first();
  await pair.waitFor();
  await desk.page.route("**/api/v1/events", (route) => route.abort());
  const [{ id }] = JSON.parse(`[${(await township.command("duplicates", "--json")).trim().split("\n").filter((line) => line.includes("舒文")).join(",")}]`);
  await pair.getByRole("button", { name: "是同一个，合并" }).click();
  await township.command("duplicates", "reject", id);
  await desk.dialog().getByRole("button", { name: "是同一个，合并" }).click();
  await desk.dialog().getByRole("alert").waitFor();
  await desk.dialog().getByRole("button", { name: "取消" }).click();
  await desk.close([/409/, /ERR_FAILED/]);
});
