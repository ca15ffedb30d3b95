import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { argsOf, desk, type Asked } from "./desk";

function open(hash: string, query: string, over = {}): Asked[] {
  location.hash = hash;
  dispatchEvent(new HashChangeEvent("hashchange"));
  const asked = desk(query, over);
  render(Shell);
  return asked;
}
function refuse(code: string): () => never {
  return () => {
    throw { code, message: "sla.example does not answer" };
  };
}

describe("month end", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("begins with one's own, and leads to where each thing is done", async () => {
    open("#/checklist", "person=dana");
    await screen.findByTestId("left-unreviewed_breach-NW-1");
    expect(screen.queryByTestId("left-gap-NW-1")).toBeNull();
    expect(screen.getByTestId("closing-month")).toHaveTextContent("4 left, locks 4 Dec 2026");
    await fireEvent.click(screen.getByTestId("open-left"));
    expect(location.hash).toBe("#/breaches/b-nw1");
  });

  it("who has nothing to do sees everybody's; a late source leads an administrator to the sources", async () => {
    open("#/checklist", "person=ines&admin");
    await fireEvent.click(await screen.findByTestId("left-late_source-NW-3"));
    await fireEvent.click(screen.getByTestId("open-left"));
    expect(location.hash).toBe("#/settings/sources");
  });

  it("who may not see the sources reads why, and is led nowhere", async () => {
    open("#/checklist", "person=sam");
    await fireEvent.click(await screen.findByTestId("left-late_source-NW-3"));
    expect(screen.getByTestId("why-not-open")).toHaveTextContent("administrators only");
    await fireEvent.click(screen.getByTestId("open-left"));
    await fireEvent.dblClick(screen.getByTestId("left-late_source-NW-3"));
    expect(location.hash).toBe("#/checklist");
  });

  it("offline it says that your service can't be asked", async () => {
    open("#/checklist", "person=dana", { checklist: refuse("central_unreachable") });
    await screen.findByText("central_unreachable");
    expect(screen.queryByText("Nothing is left to do.")).toBeNull();
  });
});

describe("sources", () => {
  beforeEach(() => {
    app.session = null;
  });

  it("says what last went wrong", async () => {
    open("#/settings/sources", "person=ines&admin");
    await screen.findByTestId("source-prometheus");
    expect(screen.getByTestId("source-problem")).toHaveTextContent("does not answer within 30 s");
  });

  it("whoever may not see them is told so", async () => {
    open("#/settings/sources", "person=dana");
    await screen.findByText("role_missing");
  });
});

describe("deciding an exclusion", () => {
  beforeEach(() => {
    app.session = null;
  });

  it("law 7: shows both ways in every window it touches", async () => {
    const asked = open("#/breaches/b-nw1", "person=lee");
    await fireEvent.click(await screen.findByTestId("decide-admit"));
    const effects = within(await screen.findByTestId("effects"));
    expect(argsOf(asked, "exclusion_effect")).toEqual([{ id: "x-1" }]);
    const [, first] = effects.getAllByRole("row");
    const cells = within(first!).getAllByRole("cell");
    expect(cells[1]).toHaveTextContent("99.885880");
    expect(cells[2]).toHaveTextContent("99.863534");
    effects.getByText(/96h of notice; 3 d were given/);
    expect(effects.getAllByText("€310.00").length).toBe(2);
  });

  it("offline it shows this one alone and says why", async () => {
    open("#/breaches/b-nw1", "person=lee", { exclusion_effect: refuse("central_unreachable") });
    await fireEvent.click(await screen.findByTestId("decide-refuse"));
    await expect
      .poll(() => screen.getByTestId("effect-missing").textContent)
      .toContain("Other windows can’t be shown");
    expect(screen.getByTestId("effect-here")).toHaveTextContent("99.863534");
  });
});
