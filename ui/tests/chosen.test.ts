import { render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import { Chosen } from "../src/shell/chosen.svelte";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { noteChange } from "../src/shell/live.svelte";
import { argsOf, desk } from "./desk";

function list(...rows: string[]): { rows: string[]; chosen: Chosen<string> } {
  const held = { rows };
  const chosen = new Chosen<string>(
    () => held.rows,
    (row) => row,
  );
  return Object.assign(held, { chosen });
}

describe("the selected row of a list", () => {
  it("is the first, and stays it when another comes before it", () => {
    const it = list("b", "c");
    expect(it.chosen.key).toBe("b");
    it.rows = ["a", "b", "c"];
    expect(it.chosen.key).toBe("b");
    it.chosen.step(1);
    expect(it.chosen.key).toBe("c");
  });

  it("that goes leaves its place to the next that is left, at the end to the one before", () => {
    const it = list("a", "b", "c", "d", "e");
    it.chosen.take("c");
    expect(it.chosen.key).toBe("c");
    it.rows = ["new", "a", "b", "e"];
    expect(it.chosen.key).toBe("e");
    it.rows = ["new", "a", "b"];
    expect(it.chosen.key).toBe("b");
    // And it does not jump back when the other comes again.
    it.rows = ["a", "b", "c", "d", "e"];
    expect(it.chosen.key).toBe("b");
  });

  it("of another list is its first; an empty one forgets nothing", () => {
    const it = list("a", "b", "c");
    it.chosen.take("c");
    expect(it.chosen.key).toBe("c");
    it.rows = [];
    expect(it.chosen.key).toBeNull();
    it.rows = ["a", "b", "c"];
    expect(it.chosen.key).toBe("c");
    it.rows = ["x", "y"];
    expect(it.chosen.key).toBe("x");
  });
});

describe("a row that the address asks for", () => {
  it("is no other one where the list does not hold it, until somebody takes one", () => {
    const chosen = new Chosen<string>(
      () => ["a", "b"],
      (row) => row,
      () => "c",
    );
    expect(chosen.key).toBeNull();
    chosen.step(1);
    expect(chosen.key).toBe("a");
  });

  it("that goes leaves its place as any other", () => {
    let rows = ["a", "b", "c"];
    const chosen = new Chosen<string>(
      () => rows,
      (row) => row,
      () => "b",
    );
    expect(chosen.key).toBe("b");
    rows = ["a", "c"];
    expect(chosen.key).toBe("c");
  });
});

describe("the selected line of the portfolio", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("that the address names is looked for to the end of the list", async () => {
    const inner = fixtureHost(new URLSearchParams("person=dana"));
    location.hash = "#/portfolio?view=all&line=far";
    dispatchEvent(new HashChangeEvent("hashchange"));
    desk("person=dana", {
      portfolio: async (of: Parameters<typeof inner.call<"portfolio">>[1]) => {
        const it = await inner.call("portfolio", of);
        const after = Number(of.page?.after ?? 0);
        const rows = after < 2 ? [] : it.rows.slice(0, 1).map((row) => ({ ...row, lineId: "far" }));
        return { ...it, rows: after === 0 ? it.rows : rows, next: after < 2 ? String(after + 1) : null };
      },
    });
    render(Shell);
    await expect.poll(() => document.querySelector("[data-row=far][aria-current=true]")).not.toBeNull();
  });

  it("stays when a sync puts another before it", async () => {
    const inner = fixtureHost(new URLSearchParams("person=dana"));
    let whole = false;
    location.hash = "#/portfolio";
    dispatchEvent(new HashChangeEvent("hashchange"));
    const asked = desk("person=dana", {
      portfolio: async (of: Parameters<typeof inner.call<"portfolio">>[1]) => {
        const it = await inner.call("portfolio", of);
        return { ...it, rows: it.rows.slice(whole ? 0 : 1) };
      },
    });
    render(Shell);
    const current = (): string | undefined =>
      document.querySelector<HTMLElement>("[aria-current=true][data-row]")?.dataset.testid;
    await expect.poll(current).toBeDefined();
    const before = current();
    whole = true;
    const times = argsOf(asked, "portfolio").length;
    noteChange();
    await expect.poll(() => argsOf(asked, "portfolio").length).toBe(times + 1);
    await expect
      .poll(() => document.querySelector<HTMLElement>("[data-row]")?.dataset.testid)
      .not.toBe(before);
    expect(current()).toBe(before);
  });

  it("can be chosen again where the address has named it all the while", async () => {
    const inner = fixtureHost(new URLSearchParams("person=dana"));
    let first = 0;
    location.hash = "#/portfolio";
    dispatchEvent(new HashChangeEvent("hashchange"));
    desk("person=dana", {
      portfolio: async (of: Parameters<typeof inner.call<"portfolio">>[1]) => {
        const it = await inner.call("portfolio", of);
        return { ...it, rows: it.rows.slice(first) };
      },
    });
    render(Shell);
    const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-row]")];
    await expect.poll(() => rows().length).toBeGreaterThan(1);
    const chosen = rows()[0]!.dataset.testid!;
    rows()[0]!.click();
    // It leaves the list, another stands in for it, and it comes back.
    first = 1;
    noteChange();
    await expect.poll(() => screen.queryByTestId(chosen)).toBeNull();
    first = 0;
    noteChange();
    (await screen.findByTestId(chosen)).click();
    await expect.poll(() => screen.getByTestId(chosen).getAttribute("aria-current")).toBe("true");
  });
});

describe("what is left before a month locks", () => {
  it("is selected still when evidence says more of it", async () => {
    app.session = null;
    const inner = fixtureHost(new URLSearchParams("person=dana"));
    let detail = "30 min without data";
    location.hash = "#/checklist?tab=all";
    dispatchEvent(new HashChangeEvent("hashchange"));
    desk("person=dana", {
      checklist: async () => {
        const it = await inner.call("checklist");
        const more = it.rows.flatMap((one) => {
          if (one.what === "gap") return [one, { ...one, detail: "another of the same line" }];
          return one.what === "late_source" ? [{ ...one, detail }] : [one];
        });
        return { ...it, rows: more };
      },
    });
    render(Shell);
    await screen.findAllByTestId("left-gap-NW-1");
    const row = screen.getByTestId("left-late_source-NW-3");
    row.click();
    await expect.poll(() => row.getAttribute("aria-current")).toBe("true");
    detail = "45 min without data";
    noteChange();
    await expect.poll(() => document.querySelector("main")?.textContent).toContain("45 min without data");
    expect(screen.getByTestId("left-late_source-NW-3")).toHaveAttribute("aria-current", "true");
    expect(screen.getAllByTestId("left-gap-NW-1")).toHaveLength(2);
  });
});
