import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { customer } from "../src/host/fixture/customer";
import { claimLog } from "../src/host/fixture/deadline";
import type { DeadlineTab } from "../src/host/types";
import { argsOf, desk, type Asked } from "./desk";

async function open(query: string, seen: string, over = {}): Promise<Asked[]> {
  location.hash = "#/deadlines";
  dispatchEvent(new HashChangeEvent("hashchange"));
  const asked = desk(query, over);
  render(Shell);
  await screen.findByTestId(seen);
  return asked;
}

const type = async (text: string): Promise<void> => {
  await fireEvent.input(await screen.findByTestId("deadline-text"), { target: { value: text } });
  await fireEvent.click(screen.getByTestId("confirm-deadline"));
};

describe("deadlines", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("one's own come first, and a claim is recorded at the version that was seen", async () => {
    const asked = await open("person=dana", "deadline-CR-302");
    expect(screen.queryByTestId("deadline-CR-296")).toBeNull();
    await fireEvent.keyDown(window, { key: "r" });
    await type("20 November");
    expect(argsOf(asked, "file_claim")).toEqual([]);
    await type(" 2026-11-20 ");
    await expect
      .poll(() => argsOf(asked, "file_claim"))
      .toEqual([{ id: "cr-302", version: 2, claimedOn: "2026-11-20", log: null }]);
  });

  it("a customer's own log is compared before the claim with it is recorded", async () => {
    const asked = await open("person=dana", "deadline-CR-302");
    await fireEvent.keyDown(window, { key: "r" });
    const log = "2026-10-14 03:20, 2026-10-14 04:20";
    await fireEvent.input(await screen.findByTestId("claim-log"), { target: { value: log } });
    expect((await screen.findByTestId("claim-log-beside")).textContent).toContain("52.00 min");
    expect(argsOf(asked, "claim_log")).toEqual([{ id: "cr-302", log }]);
    await type("2026-11-20");
    await expect
      .poll(() => argsOf(asked, "file_claim"))
      .toEqual([{ id: "cr-302", version: 2, claimedOn: "2026-11-20", log }]);
  });

  it("two lines of one name, of a month that an amendment split, are both compared", async () => {
    await open("person=dana", "deadline-CR-302", {
      claim_log: () => ({ ...claimLog(), lines: [...claimLog().lines, ...claimLog().lines] }),
    });
    await fireEvent.keyDown(window, { key: "r" });
    await fireEvent.input(await screen.findByTestId("claim-log"), {
      target: { value: "2026-10-14 03:20, 2026-10-14 04:20" },
    });
    const beside = await screen.findByTestId("claim-log-beside");
    expect(beside.querySelectorAll("caption")).toHaveLength(2);
  });

  it("law 5: a late claim is let count by who approves, with a reason", async () => {
    const asked = await open("person=ines", "deadline-CR-296");
    await fireEvent.keyDown(window, { key: "r" });
    expect(screen.queryByTestId("deadline-file")).toBeNull();
    await fireEvent.keyDown(window, { key: "l" });
    await type("  ");
    expect(argsOf(asked, "admit_late_claim")).toEqual([]);
    await type("their notice was lost by us");
    await expect
      .poll(() => argsOf(asked, "admit_late_claim"))
      .toEqual([{ id: "cr-296", version: 2, reason: "their notice was lost by us" }]);
  });

  it("what expires is said to be used, at its own version", async () => {
    const asked = await open("person=dana", "deadline-CR-281");
    await fireEvent.keyDown(window, { key: "j" });
    await fireEvent.keyDown(window, { key: "u" });
    await type("invoice 4711");
    await expect
      .poll(() => argsOf(asked, "close_deadline"))
      .toEqual([{ id: "d-cr-281", version: 1, note: "invoice 4711" }]);
  });

  it("a right to terminate is said to be settled, and is about no credit", async () => {
    const asked = await open("person=lee", "deadline-NW-1");
    expect(screen.getByTestId("deadline-strip").textContent).toContain("below 95 % in 3 windows in a row");
    await fireEvent.keyDown(window, { key: "r" });
    expect(screen.queryByTestId("deadline-file")).toBeNull();
    await fireEvent.keyDown(window, { key: "u" });
    expect((await screen.findByTestId("deadline-close")).textContent).toContain("their notice");
    await type("they stay until March");
    await expect
      .poll(() => argsOf(asked, "close_deadline"))
      .toEqual([{ id: "d-may", version: 1, note: "they stay until March" }]);
  });
});

describe("rights to terminate", () => {
  it("two that read alike are both shown with the customer", async () => {
    const it = customer("dana");
    const twice = [...it.facts, ...it.facts];
    const slas = it.slas.map((sla) => ({ ...sla, rules: ["May terminate: twice", "May terminate: twice"] }));
    for (const part of ["statements", "slas"]) {
      app.session = null;
      location.hash = `#/customers/gmbh/${part}`;
      dispatchEvent(new HashChangeEvent("hashchange"));
      desk("person=dana", { customer: () => Promise.resolve({ ...it, facts: twice, slas }) });
      const { unmount } = render(Shell);
      expect(await screen.findAllByText("May terminate")).toHaveLength(2);
      if (part === "slas") {
        expect(screen.getAllByText("May terminate: twice")).toHaveLength(2 * slas.length);
      }
      unmount();
    }
  });
});

describe("disputes", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("law 7: one is answered at the version that was seen, with what they were told", async () => {
    const asked = await open("person=dana", "deadline-CR-302");
    await fireEvent.click(screen.getByTestId("deadlines-tab-disputes"));
    expect((await screen.findByTestId("dispute-strip")).textContent).toContain("ten minutes more");
    await fireEvent.keyDown(window, { key: "a" });
    await fireEvent.change(await screen.findByTestId("dispute-upheld"), { target: { value: "yes" } });
    await fireEvent.click(screen.getByTestId("confirm-dispute"));
    expect(argsOf(asked, "answer_dispute")).toEqual([]);
    await fireEvent.input(screen.getByTestId("dispute-text"), { target: { value: " it was ours " } });
    await fireEvent.click(screen.getByTestId("confirm-dispute"));
    await expect
      .poll(() => argsOf(asked, "answer_dispute"))
      .toEqual([{ id: "ack-7", version: 1, upheld: true, answer: "it was ours" }]);
  });

  it("is not for whoever records no claims", async () => {
    const asked = await open("person=ines", "deadline-CR-302");
    await fireEvent.click(screen.getByTestId("deadlines-tab-disputes"));
    await screen.findByTestId("dispute-strip");
    await fireEvent.keyDown(window, { key: "a" });
    expect(screen.queryByTestId("dispute-answer")).toBeNull();
    expect(argsOf(asked, "answer_dispute")).toEqual([]);
  });
  it("a list comes page by page, and each tab is asked for by itself", async () => {
    const host = fixtureHost(new URLSearchParams("person=dana"));
    const first = await host.call("deadlines", { tab: "running", page: null });
    const [one, ...others] = first.rows;
    const asked = await open("person=dana", "deadline-CR-302", {
      deadlines: ({ tab, page }: { tab: DeadlineTab | null; page: { after: string | null } | null }) => {
        if (tab !== "running") return host.call("deadlines", { tab, page: null });
        return page?.after ? { ...first, rows: others } : { ...first, rows: [one], next: "500" };
      },
    });
    await fireEvent.click(screen.getByTestId("deadlines-tab-running"));
    await expect.poll(() => screen.queryAllByTestId(/^deadline-(CR|NW)/).length).toBe(1);
    expect(screen.getByTestId("deadlines-tab-running")).toHaveTextContent(String(first.rows.length));
    await fireEvent.click(screen.getByTestId("more"));
    await expect.poll(() => screen.queryAllByTestId(/^deadline-(CR|NW)/).length).toBe(first.rows.length);
    await fireEvent.click(screen.getByTestId("deadlines-tab-ended"));
    await screen.findByTestId("deadline-CR-288");
    const tabs = argsOf(asked, "deadlines").map((args) => (args as { tab: DeadlineTab | null }).tab);
    expect(tabs).toEqual([null, "running", "running", "ended"]);
  });

  it("a comparison is of the text beside it, or not shown", async () => {
    await open("person=dana", "deadline-CR-302");
    await fireEvent.keyDown(window, { key: "r" });
    const field = await screen.findByTestId("claim-log");
    const type = (value: string): Promise<boolean> => fireEvent.input(field, { target: { value } });
    await type("2026-10-14 03:20, 2026-10-14 04:20");
    await screen.findByTestId("claim-log-beside");
    await type("2026-10-14 03:20, 2026-10-14 04:30");
    expect(screen.queryByTestId("claim-log-beside")).toBeNull();
    await screen.findByTestId("claim-log-beside");
  });
});
