// A township as it is: a hub that serves phones and the console, and phones as processes of their own.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const programs = process.env.DOORSTEP_BIN;
if (!programs) throw new Error("DOORSTEP_BIN names the folder of doorstep and doorstepd");

export const dushi = "431224103212"; // 独石村, whose sample data every test uses
export const qiaojiang = "431224103";

/// Runs a program to its end; what it printed, or an error with what it complained of.
function finished(program, args) {
  return new Promise((resolve, reject) => {
    execFile(join(programs, program), args, { maxBuffer: 64 << 20 }, (failed, out, err) => {
      if (failed) reject(new Error(`${program} ${args.join(" ")}\n${out}${err}`));
      else resolve(out);
    });
  });
}

const jsonLines = (text) => text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));

/// One JSON line of a program's output that has `member`, as soon as it comes.
function lineWith(child, member) {
  const lines = createInterface({ input: child.stdout });
  return new Promise((resolve, reject) => {
    let complaints = "";
    child.stderr.on("data", (text) => (complaints += text));
    child.on("exit", (status) => reject(new Error(`it ended with ${status} before it said ${member}: ${complaints}`)));
    lines.on("line", (line) => {
      if (!line.startsWith("{")) return;
      const said = JSON.parse(line);
      if (member in said) resolve(said);
    });
  });
}

async function ended(child) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await end;
}

export class Township {
  /// With the sample village; nobody has signed in at the console yet.
  static async begin() {
    const township = new Township();
    township.folder = await mkdtemp(join(tmpdir(), "doorstep-console-"));
    township.data = join(township.folder, "hub");
    township.phones = [];
    await township.command("init", "--name", "桥江镇");
    await township.command("load", "--sample", "dushi");
    await township.serve();
    return township;
  }

  command(name, ...args) {
    return finished("doorstepd", [name, ...args, "--data", this.data]);
  }

  /// `listen` and `console` are those of before when it has served already.
  async serve() {
    const args = ["serve", "--data", this.data, "--listen", this.listen ?? "127.0.0.1:0", "--console", this.at ?? "127.0.0.1:0", "--json"];
    this.hub = spawn(join(programs, "doorstepd"), args, { stdio: ["ignore", "pipe", "pipe"] });
    const listening = lineWith(this.hub, "listening");
    const open = lineWith(this.hub, "console");
    this.url = (await listening).listening;
    const said = await open;
    this.console = said.console.replace(/\/$/, "");
    this.code = said.code ?? null;
    this.listen = new URL(this.url).host;
    this.at = new URL(this.console).host;
  }

  stop() {
    return ended(this.hub);
  }

  /// A one-time code for the console.
  async consoleCode(name, role = "secretary") {
    const [said] = jsonLines(await this.command("console-code", "--name", name, "--role", role, "--json"));
    return said.code;
  }

  /// A phone with the code that somebody read to it; it has all rows of its village.
  async phone(name, code, url = this.url) {
    const phone = new Phone(name, join(this.folder, `${this.phones.length}.db`));
    this.phones.push(phone);
    await finished("doorstep", ["init", "--db", phone.file, "--server", url, "--code", code]);
    await phone.sync();
    return phone;
  }

  /// A phone enrolled from the command line, for stories that are not about enrolling.
  async enrolled(name, role = "volunteer") {
    const [said] = jsonLines(await this.command("enrol", "--scope", dushi, "--role", role, "--name", name, "--json"));
    return this.phone(name, said.code);
  }

  async end() {
    for (const phone of this.phones) await ended(phone.live);
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export class Phone {
  constructor(name, file) {
    this.name = name;
    this.file = file;
  }

  async sql(statement) {
    return jsonLines(await finished("doorstep", ["sql", "--db", this.file, statement]));
  }

  /// Sends and receives once.
  sync() {
    return finished("doorstep", ["sync", "--db", this.file]);
  }

  /// From now on it is connected, and what is written arrives by itself.
  stayOnline() {
    this.live = spawn(join(programs, "doorstep"), ["sync", "--db", this.file, "--live"], { stdio: "ignore" });
  }

  /// The ids of so many households, as SQL writes them.
  async households(count) {
    const rows = await this.sql(`select lower(hex(id)) as id from household where village_code = '${dushi}' order by id limit ${count}`);
    return rows.map((row) => row.id);
  }

  visit(household, findings, day) {
    return this.sql(
      "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings) values " +
        `(uuid7(), x'${household}', '${this.name}', '${day}', ${Date.now()}, 'routine', '${findings}')`,
    );
  }
}

/// Today, by the calendar of China.
export function today() {
  return new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(new Date());
}

/// Asks again and again until `look` finds something; a test's own time limit ends it otherwise.
export async function until(look) {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
