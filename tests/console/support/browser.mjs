// A browser with somebody signed in at the console, which is watched: no error and no forbidden script may pass unseen.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const officePc = { width: 1366, height: 768 };
export const phone = { width: 390, height: 844 };

let shared = null;

/// One browser for all tests of a file; each test has a profile of its own.
export async function browser() {
  shared ??= await chromium.launch({
    executablePath: process.env.DOORSTEP_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  return shared;
}

export async function closeBrowser() {
  await shared?.close();
  shared = null;
}

export class Desk {
  /// Opens the console; `language` is what was chosen at this desk before.
  static async open(township, { size = officePc, language = "zh" } = {}) {
    const desk = new Desk();
    desk.township = township;
    desk.complaints = [];
    desk.context = await (await browser()).newContext({ viewport: size, locale: "zh-CN", timezoneId: "Asia/Shanghai", acceptDownloads: true });
    await desk.context.addInitScript((chosen) => {
      window.localStorage.setItem("doorstep-language", chosen);
      window.addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
    }, language);
    desk.page = await desk.context.newPage();
    desk.page.setDefaultTimeout(30_000);
    desk.page.on("pageerror", (error) => desk.complaints.push(`page: ${error.message}`));
    desk.page.on("console", (message) => {
      // Whether somebody is signed in the page can only ask; the browser takes a "no" for an error.
      const asked = message.text().includes("401") && message.location().url.endsWith("/api/v1/session");
      if ((message.type() === "error" || message.type() === "warning") && !asked) desk.complaints.push(`console: ${message.text()} ${message.location().url}`);
    });
    return desk;
  }

  /// Opens and signs in with a fresh code.
  static async signedIn(township, options = {}) {
    const desk = await Desk.open(township, options);
    const code = await township.consoleCode(options.name ?? "张桂英", options.role ?? "secretary");
    await desk.go("/");
    await desk.enter(code);
    return desk;
  }

  async enter(code) {
    await this.page.locator("input[name=code]").fill(code);
    await this.page.locator("button[type=submit]").click();
    await this.page.locator("nav.ways").waitFor();
  }

  async go(path) {
    await this.page.goto(this.township.console + path);
  }

  /// Goes somewhere and waits until it is all there.
  async see(path) {
    await this.go(path);
    await this.page.locator("h1").waitFor();
    await this.settled();
  }

  settled() {
    return this.page.waitForFunction(() => !document.querySelector(".skeleton"));
  }

  text(text) {
    return this.page.getByText(text);
  }

  button(name, options = {}) {
    return this.page.getByRole("button", { name, ...options });
  }

  dialog() {
    return this.page.getByRole("dialog");
  }

  /// What a person cannot read, reach or hear.
  async obstacles() {
    // By the debugger, which no Content-Security-Policy holds back; the page's own scripts stay under it.
    await this.page.evaluate(axe);
    const found = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    return found.violations
      .filter((each) => each.impact === "serious" || each.impact === "critical")
      .map((each) => `${each.id}: ${each.help} (${each.nodes.map((node) => node.target.join(" ")).slice(0, 4).join("; ")})`);
  }

  /// By how many pixels the page is wider than the screen.
  overflow() {
    return this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }

  /// Closes; nothing may have gone wrong unseen. `expected`: complaints that the story itself causes.
  async close(expected = []) {
    await this.context.close();
    const unexpected = this.complaints.filter((text) => !expected.some((pattern) => pattern.test(text)));
    assert.deepEqual(unexpected, []);
  }
}
