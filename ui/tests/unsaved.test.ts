import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { draft } from "../src/host/fixture/draft";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { forgetAll } from "../src/shell/unsaved";
import { argsOf, desk, type Asked } from "./desk";

function at(hash: string): void {
  location.hash = hash;
  dispatchEvent(new HashChangeEvent("hashchange"));
}

async function open(over: Parameters<typeof desk>[1] = {}): Promise<Asked[]> {
  at("#/contracts/d-4/draft");
  const asked = desk("person=ines", over);
  render(Shell);
  await screen.findByTestId("title");
  return asked;
}
const type = (testid: string, value: string): Promise<boolean> =>
  fireEvent.input(screen.getByTestId(testid), { target: { value } });

async function leave(): Promise<void> {
  await fireEvent.keyDown(window, { key: "g" });
  await fireEvent.keyDown(window, { key: "o" });
  await expect.poll(() => screen.queryByTestId("title")).toBeNull();
}
async function back(): Promise<void> {
  at("#/contracts/d-4/draft");
  await screen.findByTestId("title");
}

describe("a draft that was left unsaved", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
    forgetAll();
  });

  it("says so, and stands there as it was written", async () => {
    const asked = await open();
    await type("title", "A better title");
    await type("charge-amount-0-0", "13000.00");
    await leave();
    expect(app.said?.text).toBe("D-4 has unsaved changes");
    await back();
    expect(screen.getByTestId("title")).toHaveValue("A better title");
    expect(screen.getByTestId("charge-amount-0-0")).toHaveValue("13000.00");
    await fireEvent.click(screen.getByTestId("save-draft"));
    await expect.poll(() => argsOf(asked, "change_draft").length).toBe(1);
    expect(argsOf(asked, "change_draft")[0]).toMatchObject({ revision: 3, title: "A better title" });
    app.said = null;
    await screen.findByText("Revision 4");
    await leave();
    expect(app.said).toBeNull();
  });

  it("keeps the text of a document that is no document yet", async () => {
    await open();
    await fireEvent.click(screen.getByTestId("as-text"));
    await type("document", "{ half");
    await leave();
    await back();
    expect(screen.getByTestId("document")).toHaveValue("{ half");
  });

  it("is another's once somebody else saved it: both can be had, and nothing is lost unasked", async () => {
    let now = draft();
    await open({ draft: () => now });
    await type("title", "Mine");
    await leave();
    now = { ...now, revision: 4, title: "Theirs" };
    await back();
    expect(screen.getByTestId("title")).toHaveValue("Mine");
    await fireEvent.click(screen.getByTestId("as-saved"));
    expect(screen.getByTestId("title")).toHaveValue("Mine");
    await fireEvent.click(await screen.findByTestId("confirm-drop-changes"));
    await expect.poll(() => screen.getByTestId<HTMLInputElement>("title").value).toBe("Theirs");
    screen.getByText("Revision 4");
    expect(screen.queryByTestId("as-saved")).toBeNull();
  });

  it("is discarded only when that was asked, by name, and is forgotten then", async () => {
    const asked = await open();
    await type("title", "Mine");
    await fireEvent.click(screen.getByTestId("discard-draft"));
    expect(await screen.findByTestId("discard")).toHaveTextContent("D-4");
    expect(argsOf(asked, "discard_draft")).toEqual([]);
    await fireEvent.click(screen.getByTestId("cancel-discard"));
    expect(argsOf(asked, "discard_draft")).toEqual([]);
    await fireEvent.click(screen.getByTestId("discard-draft"));
    await fireEvent.click(await screen.findByTestId("confirm-discard"));
    await expect.poll(() => argsOf(asked, "discard_draft")).toEqual([{ id: "d-4", revision: 3 }]);
    await expect.poll(() => app.said?.text).toBe("D-4 discarded");
    await back();
    expect(screen.getByTestId("title")).toHaveValue("NW-1: 99.95 % from January");
  });

  it("is nobody else's", async () => {
    await open();
    await type("title", "Mine");
    await leave();
    await fireEvent.click(screen.getByTestId("person-tomas"));
    await expect.poll(() => location.hash).toBe("#/credits");
    await back();
    expect(screen.getByTestId("title")).toHaveValue("NW-1: 99.95 % from January");
  });
});

describe("terms as text", () => {
  beforeEach(() => {
    app.session = null;
    forgetAll();
  });

  it("stay as they are typed while they are no JSON, and say so", async () => {
    await open();
    const field = screen.getByTestId<HTMLTextAreaElement>("line-terms-0");
    const half = field.value.replace("}", "");
    await fireEvent.input(field, { target: { value: half } });
    await fireEvent.change(field);
    expect(await screen.findByText(/Not valid JSON yet/)).toBeInTheDocument();
    await type("line-objective-0", "99.9");
    expect(field.value).toBe(half);
    const whole = JSON.stringify({ objective: "99.5" });
    await fireEvent.input(field, { target: { value: whole } });
    await fireEvent.change(field);
    await expect.poll(() => screen.getByTestId<HTMLInputElement>("line-objective-0").value).toBe("99.5");
    expect(screen.queryByText(/Not valid JSON yet/)).toBeNull();
  });

  it("and was saved while nobody looked, is unsaved no more", async () => {
    let now = draft();
    let answer: () => void = () => undefined;
    const asked = await open({
      draft: () => now,
      change_draft: async ({ title, document }: { title: string; document: string }) => {
        await new Promise<void>((go) => (answer = go));
        return (now = { ...now, title, document, revision: 4 });
      },
    });
    await type("title", "A better title");
    await fireEvent.click(screen.getByTestId("save-draft"));
    await expect.poll(() => argsOf(asked, "change_draft").length).toBe(1);
    await leave();
    answer();
    await expect.poll(() => now.revision).toBe(4);
    await back();
    await screen.findByText("Revision 4");
    expect(screen.queryByTestId("as-saved")).toBeNull();
  });

  it("is written on while central is away", async () => {
    let away = false;
    await open({
      draft: () => (away ? Promise.reject({ code: "central_unreachable", message: "no answer" }) : draft()),
    });
    await type("title", "A better title");
    await leave();
    away = true;
    await back();
    expect(screen.getByTestId("title")).toHaveValue("A better title");
    screen.getByText("no answer");
  });

  it("law 6: keeps terms that are half written, and saves nothing without them", async () => {
    const asked = await open();
    await fireEvent.change(screen.getByTestId("line-terms-0"), { target: { value: "{ half" } });
    await fireEvent.click(screen.getByTestId("save-draft"));
    await expect.poll(() => app.said?.text).toBe("The terms of line 1 are no JSON yet");
    await fireEvent.click(screen.getByTestId("as-text"));
    expect(screen.queryByTestId("document")).toBeNull();
    expect(argsOf(asked, "change_draft")).toEqual([]);
    await leave();
    await back();
    expect(screen.getByTestId("line-terms-0")).toHaveValue("{ half");
    await fireEvent.click(screen.getByTestId("as-saved"));
    await fireEvent.click(await screen.findByTestId("confirm-drop-changes"));
    await expect.poll(() => screen.getByTestId<HTMLTextAreaElement>("line-terms-0").value).not.toBe("{ half");
  });

  it("and was proposed meanwhile, is written on no more, and can still be read", async () => {
    let now = draft();
    await open({ draft: () => now });
    await type("title", "Mine");
    await leave();
    now = { ...now, revision: 4, state: "proposed" };
    await back();
    expect(screen.getByTestId("title")).toHaveValue("Mine");
    await expect.poll(() => screen.getByTestId<HTMLInputElement>("title").disabled).toBe(true);
    expect(screen.getByTestId("save-draft")).toHaveAttribute("aria-disabled", "true");
  });

  it("and comes back before its save is answered, is saved all the same", async () => {
    let now = draft();
    let answer: () => void = () => undefined;
    const asked = await open({
      draft: () => now,
      change_draft: async ({ title, document }: { title: string; document: string }) => {
        await new Promise<void>((go) => (answer = go));
        return (now = { ...now, title: title.trim(), document, revision: 4 });
      },
    });
    await type("title", "A better title ");
    await fireEvent.click(screen.getByTestId("save-draft"));
    await expect.poll(() => argsOf(asked, "change_draft").length).toBe(1);
    await leave();
    await back();
    answer();
    await screen.findByText("Revision 4");
    await expect.poll(() => screen.queryByTestId("as-saved")).toBeNull();
  });
});
