// Weeks of work in a township, for its pictures: ten phones in eight villages visit, meet and disagree.

import { dushi, qiaojiang, today } from "./township.mjs";

const villages = [dushi, "431224103200", "431224103203", "431224103204", "431224103205", "431224103207", "431224103211", "431224103218"];
const volunteers = ["李秀英", "王建国", "邓翠珍", "贺玉", "舒文云", "杨美怡", "向德明", "周玉兰"];
const heads = ["舒和平", "向长生", "王满秀", "邓国强", "贺小燕", "刘秋菊", "杨顺利", "张桃花", "谌文武", "唐金莲"];
const found = ["老人身体很好，家里有两个孙子。", "血压偏高，已提醒按时吃药。", "帮忙挑了两担水。", "屋顶有一处漏雨，已告诉组长。", "约好重阳节一起吃饭。", "孩子在县城上学，周末回家。"];

// The same pictures each time, from the same seed.
function draws(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

function dayBefore(days) {
  const at = new Date(`${today()}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - days);
  return at.toISOString().slice(0, 10);
}

/// The ISO week of a day.
function weekOf(day) {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + 4 - (at.getUTCDay() || 7));
  const first = Date.UTC(at.getUTCFullYear(), 0, 1);
  return `${at.getUTCFullYear()}-W${String(Math.ceil(((at.getTime() - first) / 86_400_000 + 1) / 7)).padStart(2, "0")}`;
}

async function enrolled(township, name, role, scope) {
  const out = await township.command("enrol", "--scope", scope, "--role", role, "--name", name, "--json");
  return township.phone(name, JSON.parse(out.split("\n").find((line) => line.startsWith("{"))).code);
}

/// Ten households of a village that has none yet.
async function settle(phone, village, draw) {
  const rows = heads.map((head, i) => `(uuid7(), '${village}', ${1 + draw(5)}, '${["坳上", "新", "老", "河边"][draw(4)]}院子', '${head}', '138745${10_000 + draw(80_000)}', '${1 + draw(5)}组${i + 1}号')`);
  await phone.sql(`insert into household (id, village_code, villager_group, courtyard, head_name, phone, address) values ${rows.join(", ")}`);
}

/// Eight weeks of visits, more in some than in others; the last of them are those of the festival.
async function visits(phone, village, draw) {
  const homes = (await phone.sql(`select lower(hex(id)) as id from household where village_code = '${village}' order by head_name limit 40`)).map((row) => row.id);
  const rows = [];
  for (let week = 7; week >= 0; week--) {
    for (let n = 4 + draw(14); n > 0; n--) {
      const kind = week === 0 && draw(3) > 0 ? "festival" : "routine";
      rows.push(`(uuid7(), x'${homes[draw(homes.length)]}', '${phone.name}', '${dayBefore(7 * week)}', ${Date.now()}, '${kind}', '${found[draw(found.length)]}')`);
    }
  }
  await phone.sql(`insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings) values ${rows.join(", ")}`);
}

/// Two who were offline in one village: what a person has to decide.
async function disagree(first, second) {
  const people = await first.sql("select lower(hex(id)) as id from resident where deceased_on is null and born < '1950' order by id limit 4");
  for (const [i, person] of people.entries()) {
    await first.sql(`update resident set deceased_on = '${dayBefore(30 + i)}' where id = x'${person.id}'`);
    await second.sql(`update resident set deceased_on = '${dayBefore(28 + i)}' where id = x'${person.id}'`);
  }
  for (const [phone, head, number] of [[first, "向德明", "13874510021"], [second, "向德民", "13874510022"]]) {
    await phone.sql(
      "insert into household (id, village_code, villager_group, courtyard, head_name, phone, address) values " +
        `(uuid7(), '${dushi}', 3, '新院子', '${head}', '${number}', '独石村3组新院子9号')`,
    );
  }
}

/// The week to show, and a household with a story.
export async function playWeek(township) {
  const draw = draws(7);
  const secretary = await enrolled(township, "张桂英", "township_secretary", qiaojiang);
  await secretary.sql(`insert into festival (id, unit_code, name, on_date) values (uuid7(), '${qiaojiang}', '敬老走访', '${today()}')`);
  await secretary.sync();
  const phones = [];
  for (const [i, village] of villages.entries()) {
    const phone = await enrolled(township, volunteers[i], i % 4 === 3 ? "village_secretary" : "volunteer", village);
    if (village !== dushi) await settle(phone, village, draw);
    await visits(phone, village, draw);
    phones.push(phone);
  }
  const second = await enrolled(township, "刘友华", "volunteer", dushi);
  await disagree(phones[0], second);
  const [home] = await phones[0].households(1);
  for (const [phone, number] of [[phones[0], "13874510033"], [second, "13974528866"]]) await phone.sql(`update household set phone = '${number}' where id = x'${home}'`);
  await phones[0].visit(home, "老人身体很好，家里有两个孙子。", dayBefore(0));
  await second.visit(home, "送去了过冬的被子。", dayBefore(2));
  for (const phone of [...phones, second, phones[0], secretary]) await phone.sync();
  for (const phone of phones.slice(0, 4)) phone.stayOnline();
  return { household: home, week: weekOf(today()) };
}
