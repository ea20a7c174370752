// Two people with the comment page open in a real browser. The page is ours in both cases, the server is not.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, it } from "node:test";

import { chromium } from "playwright-core";

import { scenarioPerTarget } from "../support/scenarios.mjs";
import { patience } from "../support/waiting.mjs";

const timeout = patience;

/** The browser: INTEROP_CHROMIUM, or the first in PATH. */
function findChromium() {
  const wanted = process.env.INTEROP_CHROMIUM;
  if (wanted?.includes("/")) return wanted;
  const names = [wanted, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].filter(Boolean);
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}

const launchOptions = {
  executablePath: findChromium() ?? "/usr/bin/chromium",
  headless: true,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
};

/** The comment page as its reader sees it. */
class CommentPage {
  static async open(t, browser, url, name) {
    const context = await browser.newContext();
    t.after(() => context.close());
    const view = new CommentPage();
    view.page = await context.newPage();
    view.page.setDefaultTimeout(timeout);
    view.failures = [];
    view.page.on("pageerror", (error) => view.failures.push(error.message));
    view.#watchConnections();
    await view.page.goto(`${url}/?page=/articles/42`);
    await view.page.fill("#name", name);
    return view;
  }

  async comment(text) {
    await this.page.fill("#text", text);
    await this.page.click("#send");
  }

  /** Resolves once a comment of that author with that text is shown. */
  async shows(author, text) {
    const comment = this.page
      .locator("#comments li.comment")
      .filter({ has: this.page.locator(".author", { hasText: author }) })
      .filter({ has: this.page.locator(".text", { hasText: text }) });
    await comment.first().waitFor();
  }

  /** The texts of all comments, top to bottom. */
  texts() {
    return this.page.locator("#comments li.comment .text").allInnerTexts();
  }

  async has(selector, text) {
    await this.page.locator(selector).filter({ hasText: text }).waitFor();
  }

  async isIn(state) {
    await this.page.locator(`#status[data-state="${state}"]`).waitFor({ state: "attached" });
  }

  /**
   * The transports that the page has opened, in order. What #transport showed meanwhile is no measure: with a fast server the
   * upgrade is done before the page hears that it is connected.
   */
  transports = [];

  #watchConnections() {
    const note = (name) => this.transports.at(-1) === name || this.transports.push(name);
    this.page.on("request", (request) => request.url().includes("transport=polling") && note("polling"));
    this.page.on("websocket", () => note("websocket"));
  }
}

scenarioPerTarget("the comment page in a browser", (target) => {
  let browser;
  before(async () => {
    browser = await chromium.launch(launchOptions);
  });
  after(() => browser?.close());

  it("two pages talk, upgrade, and recover when the server restarts", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "interop-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const db = join(folder, "comments.db");
    const server = await target.comments({ db });
    t.after(() => server.discard());

    const ann = await CommentPage.open(t, browser, server.url, "Ann");
    const bob = await CommentPage.open(t, browser, server.url, "Bob");
    for (const view of [ann, bob]) {
      await view.isIn("connected");
      await view.has("#transport", "websocket");
      await view.has("#online", "2");
      assert.deepEqual(view.transports.slice(0, 2), ["polling", "websocket"]);
    }

    await ann.comment("Hello — 😀 <b>not bold</b>");
    await bob.shows("Ann", "Hello — 😀 <b>not bold</b>");
    await ann.shows("Ann", "Hello — 😀 <b>not bold</b>");
    await bob.comment("Hello Ann");
    await ann.shows("Bob", "Hello Ann");

    await server.stop("SIGTERM");
    for (const view of [ann, bob]) await view.isIn("reconnecting");
    const again = await target.comments({ db, port: server.port });
    t.after(() => again.discard());
    for (const view of [ann, bob]) {
      await view.isIn("connected");
      await view.has("#transport", "websocket");
    }
    await ann.comment("After the restart");
    await bob.shows("Ann", "After the restart");
    const all = ["Hello — 😀 <b>not bold</b>", "Hello Ann", "After the restart"];
    for (const view of [ann, bob]) assert.deepEqual(await view.texts(), all);

    const carol = await CommentPage.open(t, browser, server.url, "Carol");
    await carol.shows("Ann", "After the restart");
    assert.deepEqual(await carol.texts(), all);
    for (const view of [ann, bob, carol]) assert.deepEqual(view.failures, []);
  });
});
