import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import { draft } from "../src/host/fixture/draft";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { forgetAll } from "../src/shell/unsaved";
import { argsOf, desk, type Asked } from "./desk";

async function open(hash: string, query = "person=ines", over = {}): Promise<Asked[]> {
  location.hash = hash;
  dispatchEvent(new HashChangeEvent("hashchange"));
  const asked = desk(query, over);
  render(Shell);
  return asked;
}

const objective = async (value: string): Promise<boolean> =>
  fireEvent.input(await screen.findByTestId("line-objective-0"), { target: { value } });
const value = (id: string): string => screen.getByTestId<HTMLInputElement>(id).value;

/** As central writes it: keys in their order. */
function sorted(document: string): string {
  const by = (_: string, value: unknown): unknown =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return JSON.stringify(JSON.parse(document, by), null, 2);
}

/** A desk that saves: what was sent is what it answers, a revision later. */
function savedAsSent(): Parameters<typeof desk>[1] {
  return {
    change_draft: ({ title, document, revision }: { title: string; document: string; revision: number }) => ({
      ...draft(),
      ...{ title, document: sorted(document), revision: revision + 1 },
    }),
  };
}

describe("a draft", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
    forgetAll();
  });

  it("what the form does not show is kept as it was", async () => {
    const asked = await open("#/contracts/d-4/draft");
    await fireEvent.input(await screen.findByTestId("line-objective-0"), { target: { value: "99.9" } });
    await fireEvent.click(screen.getByTestId("save-draft"));
    await expect.poll(() => argsOf(asked, "change_draft").length).toBe(1);
    const [sent] = argsOf(asked, "change_draft") as { revision: number; document: string }[];
    expect(sent?.revision).toBe(3);
    const line = JSON.parse(sent?.document ?? "").contracts[0].versions[0].lines[0];
    expect(line.terms.objective).toBe("99.9");
    expect(line.terms.exclusions).toEqual({
      planned_maintenance: { treatment: "removed", min_notice: "48h" },
    });
    expect(line.clauses).toEqual({ objective: "4.2", credit: "7" });
  });

  it("is about some paths and regions, and again about the whole service", async () => {
    const asked = await open("#/contracts/d-4/draft");
    const box = await screen.findByTestId("line-scoped-0");
    const saved = async (times: number) => {
      await fireEvent.click(screen.getByTestId("save-draft"));
      await expect.poll(() => argsOf(asked, "change_draft").length).toBe(times);
      const sent = argsOf(asked, "change_draft")[times - 1] as { document: string };
      return JSON.parse(sent.document).contracts[0].versions[0].lines[0];
    };
    await fireEvent.click(box);
    await fireEvent.change(screen.getByTestId("line-paths-include-0"), {
      target: { value: " /v1/*,/health , /v1/*," },
    });
    await fireEvent.change(screen.getByTestId("line-regions-exclude-0"), { target: { value: "eu-*" } });
    expect((await saved(1)).scope).toEqual({
      paths: { include: ["/v1/*", "/health"] },
      regions: { exclude: ["eu-*"] },
    });
    await fireEvent.click(box);
    expect(await saved(2)).not.toHaveProperty("scope");
  });

  it("gives rights to terminate, and the base of a window in part", async () => {
    const asked = await open("#/contracts/d-4/draft");
    await fireEvent.change(await screen.findByTestId("remedy-base-0"), { target: { value: "by_days" } });
    await fireEvent.click(screen.getByTestId("right-add-0"));
    await fireEvent.change(await screen.findByTestId("right-level-0-0"), { target: { value: "below" } });
    await fireEvent.input(await screen.findByTestId("right-below-0-0"), { target: { value: "95" } });
    await fireEvent.input(screen.getByTestId("right-days-0-0"), { target: { value: "7" } });
    await fireEvent.input(screen.getByTestId("right-of-0-0"), { target: { value: "4" } });
    const saved = async (times: number) => {
      await fireEvent.click(screen.getByTestId("save-draft"));
      await expect.poll(() => argsOf(asked, "change_draft").length).toBe(times);
      const sent = argsOf(asked, "change_draft")[times - 1] as { document: string };
      return JSON.parse(sent.document).contracts[0].versions[0].lines[0];
    };
    const line = await saved(1);
    expect(line.remedy).toEqual({ mode: "proactive", form: "invoice", partial_base: "by_days" });
    expect(line.termination).toEqual([{ windows: 3, of: 4, below: "95", exercise_within_days: 7 }]);
    await fireEvent.input(screen.getByTestId("right-of-0-0"), { target: { value: "" } });
    const level = screen.getByTestId("right-level-0-0");
    await fireEvent.change(level, { target: { value: "objective" } });
    expect((await saved(2)).termination).toEqual([{ windows: 3, exercise_within_days: 7 }]);
    await fireEvent.click(screen.getByTestId("right-remove-0-0"));
    await fireEvent.change(screen.getByTestId("remedy-base-0"), { target: { value: "whole" } });
    const without = await saved(3);
    expect(without).not.toHaveProperty("termination");
    expect(without.remedy).not.toHaveProperty("partial_base");
  });

  it("is proposed as it was saved, and not while it is being changed", async () => {
    const asked = await open("#/contracts/d-4/draft");
    const propose = await screen.findByTestId("propose-draft");
    await fireEvent.input(screen.getByTestId("title"), { target: { value: "Another" } });
    await expect.poll(() => propose.getAttribute("aria-disabled")).toBe("true");
    await fireEvent.click(propose);
    expect(argsOf(asked, "propose_draft")).toEqual([]);
    await fireEvent.click(screen.getByTestId("save-draft"));
    await expect.poll(() => screen.getByTestId("propose-draft").getAttribute("aria-disabled")).toBeNull();
    await fireEvent.click(screen.getByTestId("propose-draft"));
    await expect.poll(() => argsOf(asked, "propose_draft")).toEqual([{ id: "d-4", revision: 4 }]);
  });

  it("what somebody writes is not lost when the desk reports a change", async () => {
    await open("#/contracts/d-4/draft");
    const number = await screen.findByTestId("charge-amount-0-0");
    await fireEvent.input(number, { target: { value: "13000.00" } });
    const { noteChange } = await import("../src/shell/live.svelte");
    noteChange();
    await new Promise((done) => setTimeout(done));
    expect(screen.getByTestId("charge-amount-0-0")).toHaveValue("13000.00");
  });
});

describe("a draft that is being saved", () => {
  it("keeps what is typed meanwhile, over the new revision", async () => {
    app.session = null;
    forgetAll();
    let answer: () => void = () => undefined;
    const inner = fixtureHost(new URLSearchParams("person=ines"));
    const asked = await open("#/contracts/d-4/draft", "person=ines", {
      change_draft: async (to: Parameters<typeof inner.call<"change_draft">>[1]) => {
        await new Promise<void>((go) => (answer = go));
        return inner.call("change_draft", to);
      },
    });
    const title = await screen.findByTestId("title");
    await fireEvent.input(title, { target: { value: "A title" } });
    await fireEvent.click(screen.getByTestId("save-draft"));
    await fireEvent.input(title, { target: { value: "A title, longer" } });
    answer();
    await screen.findByText("Revision 4");
    expect(title).toHaveValue("A title, longer");
    await fireEvent.click(screen.getByTestId("save-draft"));
    await expect.poll(() => argsOf(asked, "change_draft").length).toBe(2);
    expect(argsOf(asked, "change_draft")[1]).toMatchObject({ revision: 4, title: "A title, longer" });
  });
});

describe("a proposal", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
    forgetAll();
  });

  it("is reached by keyboard from the list of what waits", async () => {
    await open("#/contracts");
    await screen.findByTestId("proposal-P-12");
    await fireEvent.keyDown(window, { key: "j" });
    await fireEvent.keyDown(window, { key: "Enter" });
    await expect.poll(() => location.hash).toBe("#/contracts/p-11/proposal");
  });

  it("law 7: is put in force with the differences that were seen", async () => {
    const asked = await open("#/contracts/p-12/proposal");
    await screen.findByTestId("put-in-force");
    // One key asks; it does not put terms in force.
    await fireEvent.keyDown(window, { key: "a" });
    await screen.findByTestId("place-dialog");
    expect(argsOf(asked, "decide_proposal")).toEqual([]);
    await fireEvent.click(screen.getByTestId("confirm-place"));
    await expect
      .poll(() => argsOf(asked, "decide_proposal"))
      .toEqual([{ id: "p-12", verb: "put_in_force", seen: "9f3c", reason: null }]);
  });

  it("law 5: one's own says why it can't be decided", async () => {
    const asked = await open("#/contracts/p-11/proposal");
    const button = await screen.findByTestId("put-in-force");
    expect(button).toHaveAttribute("title", "You proposed P-11; somebody else has to decide it.");
    await fireEvent.click(button);
    expect(argsOf(asked, "decide_proposal")).toEqual([]);
  });

  it("is refused with a reason, never without", async () => {
    const asked = await open("#/contracts/p-12/proposal");
    await fireEvent.click(await screen.findByTestId("refuse"));
    await fireEvent.click(await screen.findByTestId("confirm-refuse"));
    await screen.findByText("Enter a reason");
    await fireEvent.input(screen.getByTestId("refuse-reason"), { target: { value: "12,000 it is" } });
    await fireEvent.click(screen.getByTestId("confirm-refuse"));
    await expect
      .poll(() => argsOf(asked, "decide_proposal"))
      .toEqual([{ id: "p-12", verb: "refuse", seen: null, reason: "12,000 it is" }]);
  });

  it("who may not import has no such place", async () => {
    await open("#/portfolio", "person=dana");
    await screen.findByTestId("nav-portfolio");
    expect(screen.queryByTestId("nav-contracts")).toBeNull();
  });
  it("what is dropped goes back to what was saved last, not to what was loaded first", async () => {
    await open("#/contracts/d-4/draft", "person=ines", savedAsSent());
    await objective("99.9");
    await fireEvent.click(screen.getByTestId("save-draft"));
    await screen.findByText("Revision 4");
    await objective("99.8");
    await fireEvent.click(await screen.findByTestId("as-saved"));
    expect(await screen.findByTestId("drop-changes")).toHaveTextContent("back to revision 4");
    await fireEvent.click(screen.getByTestId("confirm-drop-changes"));
    await expect.poll(() => value("line-objective-0")).toBe("99.9");
    screen.getByText("Revision 4");
  });

  it("saving leaves the field that somebody writes in", async () => {
    const asked = await open("#/contracts/d-4/draft", "person=ines", savedAsSent());
    await objective("99.9");
    const field = screen.getByTestId("line-objective-0");
    field.focus();
    await fireEvent.keyDown(field, { key: "s", ctrlKey: true });
    await expect.poll(() => argsOf(asked, "change_draft").length).toBe(1);
    await screen.findByText("Revision 4");
    expect(document.activeElement).toBe(field);
  });

  it("a line that is removed leaves the others as they were", async () => {
    await open("#/contracts/d-4/draft");
    await objective("99.9");
    await fireEvent.click(screen.getByTestId("add-line"));
    await fireEvent.input(await screen.findByTestId("line-objective-1"), { target: { value: "95" } });
    await fireEvent.change(screen.getByTestId("line-terms-0"), { target: { value: "{ half" } });
    await fireEvent.click(screen.getByTestId("line-remove-0"));
    await expect.poll(() => screen.queryByTestId("line-objective-1")).toBeNull();
    expect(value("line-objective-0")).toBe("95");
    expect(value("line-terms-0")).toContain('"95"');
  });
});
