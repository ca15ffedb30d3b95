// Every screen over the fixture host, in both themes and two sizes: pictures to look at, axe on each
// page, and the shipped content security policy in force. Exits with 1 on a violation.
//
//   node shots/shots.mjs [name-part] [--quick]        pictures land in shots/out/

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const ui = join(here, "..");
const out = join(here, "out");
const port = 5184;
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const quick = process.argv.includes("--quick");
const wanted = process.argv.slice(2).find((a) => !a.startsWith("--")) ?? "";

/** Name, query of the fixture, hash, and what to press or click first. */
const screens = [
  ["first-run", "", ""],
  ["connect", "", "", ["2"]],
  ["connect-welcome", "", "", ["2", "Enter"]],
  ["connect-browser", "", "", ["2", "Enter"], "confirm-connect"],
  ["connect-code", "", "", ["2", "Enter"], "sign-in-by-code"],
  ["connect-token", "tokens", "", ["2", "Enter"]],
  ["session-expired", "person=dana&sync=expired&central=https://sla.example", "#/portfolio?line=nw1"],
  ["session-unkept", "person=dana&sync=expired&central=https://sla.example&unkept", "#/settings"],
  ["settings-central", "person=dana&central=https://sla.example", "#/settings"],
  ["settings-elsewhere", "person=dana&central=https://sla.example&elsewhere", "#/settings"],
  ["portfolio", "person=dana", "#/portfolio?line=nw1"],
  ["portfolio-empty", "person=dana&empty", "#/portfolio"],
  ["portfolio-syncing", "person=dana&sync=syncing", "#/portfolio"],
  ["portfolio-syncing-tables", "person=dana&sync=syncing", "#/portfolio", [], "syncing-tables"],
  ["portfolio-stale", "person=dana&sync=stale", "#/portfolio?line=lm1"],
  ["alerts", "person=dana", "#/alerts"],
  ["alerts-none", "person=dana&empty", "#/alerts"],
  ["alert-acknowledge", "person=dana", "#/alerts", ["l"]],
  ["breach", "person=dana", "#/breaches/b-nw1"],
  ["breach-table", "person=dana", "#/breaches/b-nw1", [], "toggle-evidence-table"],
  ["breach-admit", "person=lee", "#/breaches/b-nw1"],
  ["breach-finance", "person=ines&sync=offline", "#/breaches/b-nw1"],
  ["review", "person=dana", "#/breaches/b-nw1", ["1"]],
  ["exclusion", "person=dana", "#/breaches/b-nw1", ["e"]],
  ["propose", "person=dana", "#/breaches/b-nw1", ["c"]],
  ["goodwill", "person=dana", "#/breaches/b-nw1", ["w"]],
  ["explain", "person=dana", "#/breaches/b-nw1", [], "explain-percent"],
  ["credits", "person=ines", "#/credits", ["x", "j", "x", "j", "x", "k", "k"]],
  ["credits-many", "person=ines&many", "#/credits", ["Shift+X"]],
  ["credits-largest", "person=ines&many", "#/credits?sort=largest"],
  ["credits-filter", "person=ines&many", "#/credits", ["/", ..."northwind", "Enter", "Shift+X"]],
  ["credits-none", "person=ines", "#/credits?tab=posted"],
  ["approve", "person=ines", "#/credits", ["x", "j", "x", "j", "x", "Shift+A"]],
  ["sending", "person=ines", "#/credits", ["a"], "confirm-approve"],
  ["sending-two", "person=ines&many", "#/credits", ["a", "Enter", "a"], "confirm-approve"],
  ["deadlines", "person=dana", "#/deadlines?tab=running"],
  ["disputes", "person=dana", "#/deadlines?tab=disputes"],
  ["dispute-answer", "person=dana", "#/deadlines?tab=disputes", ["a"]],
  ["deadlines-none", "person=dana&empty", "#/deadlines"],
  ["deadline-right", "person=lee", "#/deadlines", ["u"]],
  ["deadline-claim", "person=dana", "#/deadlines", ["r"]],
  ["deadline-log", "person=dana", "#/deadlines", ["r", "Tab", "2"], "claim-log-beside"],
  ["deadline-late", "person=ines", "#/deadlines", ["l"]],
  ["customers", "person=sam", "#/customers"],
  ["customer", "person=sam", "#/customers/gmbh/statements?month=2026-09"],
  ["delivery-bounced", "person=sam", "#/customers/gmbh/statements?month=2026-08"],
  ["delivery-perhaps", "person=sam", "#/customers/gmbh/statements?month=2026-07"],
  ["delivery-held", "person=sam", "#/customers/gmbh/statements?month=2026-06"],
  ["send", "person=sam&mail=ready", "#/customers/gmbh/statements?month=2026-08", ["m"]],
  ["send-held", "person=sam&mail=held", "#/customers/gmbh/statements?month=2026-06", ["m"]],
  ["delivery-elsewhere", "person=sam&mail=ready", "#/customers/gmbh/statements?month=2026-05"],
  ["send-elsewhere", "person=sam&mail=ready", "#/customers/gmbh/statements?month=2026-05", ["m"]],
  ["add-file", "person=sam", "#/customers/gmbh/statements?month=2026-05", ["f"]],
  ["bounce", "person=sam", "#/customers/gmbh/statements?month=2026-09", ["b"]],
  ["said", "person=sam", "#/customers/gmbh/statements?month=2026-09", ["a"]],
  ["folder", "person=sam", "#/customers/gmbh/statements?month=2026-09", ["f"]],
  ["settings-mail", "person=sam&mail=ready", "#/settings"],
  ["issue-part", "person=sam", "#/customers/gmbh/statements?month=2026-10", ["p"]],
  ["statement-of", "person=sam", "#/customers/gmbh/statements?month=2026-09", ["j"]],
  ["customer-blocked", "person=sam", "#/customers/gmbh/statements?month=2026-10"],
  ["customer-slas", "person=sam", "#/customers/gmbh/slas"],
  ["customer-contacts", "person=sam", "#/customers/gmbh/contacts"],
  ["contact-own", "person=dana", "#/customers/gmbh/contacts", ["j"]],
  ["contact-new", "person=sam", "#/customers/gmbh/contacts", ["n"]],
  [
    "contact-import",
    "person=sam",
    "#/customers/gmbh/contacts",
    ["Shift+I", "Tab", ..."customer,@meridian "],
    "import-rows",
  ],
  ["contact-confirm", "person=sam", "#/customers/gmbh/contacts", ["j", "y"]],
  ["customer-timeline", "person=sam", "#/customers/gmbh/timeline"],
  ["statements", "person=sam", "#/statements"],
  ["statements-many", "person=sam&many", "#/statements", [], "show-blocked"],
  ["statements-run", "person=sam&batch=running", "#/statements"],
  ["statements-held", "person=sam&batch=held", "#/statements"],
  ["statements-done", "person=sam&batch=done", "#/statements"],
  ["issue-all", "person=sam", "#/statements", ["Shift+I"]],
  ["send-month", "person=sam&mail=ready", "#/statements", ["m"]],
  ["issue", "person=sam", "#/statements", ["j", "i"]],
  ["issue-sealing", "person=sam&run=numbered", "#/statements", ["j", "i"], "confirm-issue"],
  ["issue-stuck", "person=sam&run=stuck", "#/statements", ["j", "i"], "confirm-issue"],
  ["contracts", "person=ines", "#/contracts"],
  ["contracts-none", "person=ines&empty", "#/contracts"],
  ["drafts", "person=ines", "#/contracts?tab=drafts"],
  ["draft-new", "person=ines", "#/contracts", ["n"]],
  ["draft", "person=ines", "#/contracts/d-4/draft"],
  ["draft-scope", "person=ines", "#/contracts/d-4/draft", [], "line-scoped-0"],
  ["draft-right", "person=ines", "#/contracts/d-4/draft", [], "right-add-0"],
  ["draft-past", "person=ines", "#/contracts/d-4/draft", [], "try-draft"],
  ["draft-discard", "person=ines", "#/contracts/d-4/draft", [], "discard-draft"],
  ["draft-text", "person=ines", "#/contracts/d-4/draft", [], "as-text"],
  ["proposal", "person=ines", "#/contracts/p-12/proposal"],
  ["proposal-refuse", "person=ines", "#/contracts/p-12/proposal", ["r"]],
  ["proposal-place", "person=ines", "#/contracts/p-12/proposal", ["a"]],
  ["checklist", "person=dana", "#/checklist?tab=all"],
  ["checklist-late", "person=dana", "#/checklist?tab=all", ["j", "j", "j"]],
  ["lock-month", "person=ines&admin", "#/checklist?tab=all", ["Shift+L"]],
  ["lock-month-all", "person=ines&admin", "#/checklist?tab=all", ["Shift+L", "Tab", "a"]],
  ["checklist-none", "person=dana&empty", "#/checklist"],
  ["people", "person=ines&admin", "#/settings/people", ["j", "j", "j"]],
  ["people-refused", "person=dana", "#/settings/people"],
  ["person-change", "person=ines&admin", "#/settings/people", ["j", "e"]],
  ["person-new", "person=ines&admin", "#/settings/people", ["n"]],
  ["person-delegate", "person=ines&admin", "#/settings/people", ["d"]],
  ["access-review", "person=ines&admin", "#/settings/people", ["x"]],
  ["messages", "person=ines&admin", "#/settings/messages", ["j"]],
  ["messages-given-up", "person=ines&admin", "#/settings/messages?tab=given_up"],
  ["messages-none", "person=ines&admin&empty", "#/settings/messages"],
  ["tables", "person=ines", "#/settings/tables"],
  ["settings-admin", "person=ines&admin", "#/settings"],
  ["sources", "person=ines&admin", "#/settings/sources"],
  ["sources-refused", "person=dana", "#/settings/sources"],
  ["effects", "person=lee", "#/breaches/b-nw1", [], "decide-admit"],
  ["outbox", "person=dana&outbox", "#/outbox"],
  ["outbox-discard", "person=dana&outbox", "#/outbox", [], "discard-command"],
  ["outbox-empty", "person=dana", "#/outbox"],
  ["audit", "person=dana", "#/audit"],
  ["settings", "person=dana", "#/settings"],
  ["settings-seal", "person=sam&seal=open", "#/settings"],
  ["seal-choose", "person=sam&seal=none", "#/settings", [], "choose-seal"],
  ["seal-change", "person=sam&seal=locked", "#/settings", [], "choose-seal"],
  ["issue-locked", "person=sam&seal=locked", "#/statements", ["Shift+I"]],
  ["palette", "person=dana", "#/breaches/b-nw1", ["Control+K"]],
  ["keys", "person=dana", "#/breaches/b-nw1", ["?"]],
].filter(([name]) => name.includes(wanted));

const sizes = quick
  ? [[1280, 800]]
  : [
      [1280, 800],
      [1920, 1080],
    ];
const themes = quick ? ["light"] : ["light", "dark"];

function serve() {
  const child = spawn(
    join(ui, "node_modules/.bin/vite"),
    ["preview", "--outDir", "dist-pages", "--port", String(port)],
    {
      cwd: ui,
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const ready = new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => String(text).includes("Local") && resolve(child));
    child.on("exit", (code) => reject(new Error(`vite preview ended with ${code}`)));
  });
  return ready;
}

let failures = 0;
function fail(name, text) {
  failures += 1;
  console.error(`FAIL ${name}: ${text}`);
}

async function shoot(context, [name, query, hash, keys = [], click = null], theme, [width, height]) {
  const label = `${name}-${theme}-${width}`;
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  page.on("pageerror", (error) => fail(label, error.message));
  page.on("console", (message) => message.type() === "error" && fail(label, message.text()));
  await page.setViewportSize({ width, height });
  await page.goto(`http://localhost:${port}/fixture.html?theme=${theme}&${query}${hash}`);
  await page.waitForSelector("h1", { state: "attached" });
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
  for (const key of keys) await page.keyboard.press(key);
  if (click) await page.getByTestId(click).first().click();
  await page.waitForTimeout(120);
  await page.screenshot({ path: join(out, `${label}.png`) });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const v of violations) {
    fail(label, `${v.id} (${v.impact}): ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`);
  }
  const over = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  if (over) fail(label, "the page is wider than its window");
  await page.close();
}

mkdirSync(out, { recursive: true });
const server = await serve();
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const context = await browser.newContext({ deviceScaleFactor: 1.5 });
  await context.route("**/fixture.html*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
  });
  // axe itself is put in by the debugger, which the policy does not bind.
  for (const size of sizes) {
    for (const theme of themes)
      for (const screen of screens)
        await shoot(context, screen, theme, size).catch((e) => fail(screen[0], e.message));
  }
} finally {
  await browser.close();
  server.kill();
}
const total = screens.length * sizes.length * themes.length;
console.log(`${total} pictures, ${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
