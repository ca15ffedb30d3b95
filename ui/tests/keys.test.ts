import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { desk } from "./desk";

function press(key: string, init: KeyboardEventInit = {}, target: Element = document.body): void {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }));
}

describe("keys", () => {
  beforeEach(async () => {
    location.hash = "";
    app.session = null;
    app.palette = false;
    app.keys = false;
    desk("person=dana");
    render(Shell);
    await screen.findByRole("heading", { name: "Portfolio" });
    await screen.findByTestId("line-NW-1");
  });

  it("J and K move the selection, and stop at the ends", async () => {
    expect(screen.getByTestId("line-KF-1")).toHaveAttribute("aria-current", "true");
    press("k");
    press("j");
    await expect.poll(() => screen.getByTestId("line-TH-2").getAttribute("aria-current")).toBe("true");
  });

  it("G and a letter go to a screen", async () => {
    press("g");
    press("c");
    await screen.findByRole("heading", { name: "Credits" });
  });

  it("letters typed into a field are letters", async () => {
    press("/");
    const field = await screen.findByTestId("filter-portfolio");
    press("g", {}, field);
    press("c", {}, field);
    expect(screen.getByRole("heading", { name: "Portfolio" })).toBeInTheDocument();
  });

  it("a disabled action stays in the palette, with its reason", async () => {
    press("g");
    press("c");
    await screen.findByTestId("credit-CR-311");
    press("k", { ctrlKey: true });
    await screen.findByTestId("palette");
    const option = await screen.findByRole("option", { name: /Approve CR-311/ });
    expect(option).toHaveAttribute("aria-disabled", "true");
    expect(option).toHaveTextContent("Finance approves credits");
  });

  it("what was found for another text is not chosen by this one", async () => {
    const hit = { kind: "credit", id: "cr-311", title: "CR-311", note: "Northwind GmbH" };
    desk("person=dana", {
      search: ({ text }: { text: string }) => (text === "CR-31" ? [hit] : new Promise(() => 0)),
    });
    press("k", { ctrlKey: true });
    const field = await screen.findByTestId("palette-text");
    await fireEvent.input(field, { target: { value: "CR-31" } });
    await screen.findByRole("option", { name: /CR-311/ });
    await fireEvent.input(field, { target: { value: "CR-319" } });
    expect(screen.queryByRole("option", { name: /CR-311/ })).toBeNull();
  });

  it("two things of one kind and id are both found", async () => {
    const hit = { kind: "statement", id: "gmbh", title: "ST-2026-10", note: "Northwind GmbH" };
    desk("person=dana", { search: () => [hit, { ...hit, title: "ST-2026-09" }] });
    press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByTestId("palette-text"), { target: { value: "ST-2026" } });
    await screen.findByRole("option", { name: /ST-2026-10/ });
    await screen.findByRole("option", { name: /ST-2026-09/ });
  });

  it("nothing below a dialog answers to keys", async () => {
    press("?");
    await screen.findByTestId("keys");
    press("g");
    press("c");
    expect(screen.queryByRole("heading", { name: "Credits" })).toBeNull();
  });

  it("a click beside a dialog closes it, and a selection that ends there does not", async () => {
    press("?");
    const keys = await screen.findByTestId<HTMLDialogElement>("keys");
    await fireEvent.pointerDown(keys.querySelector(".content") as Element);
    await fireEvent.click(keys);
    screen.getByTestId("keys");
    await fireEvent.pointerDown(keys);
    await fireEvent.click(keys, { detail: 2 });
    screen.getByTestId("keys");
    await fireEvent.click(keys, { detail: 1 });
    await expect.poll(() => screen.queryByTestId("keys")).toBeNull();
  });

  it("? on a figure in focus explains it", async () => {
    press("Enter");
    const figure = (await screen.findAllByTestId("explain-percent"))[0] as HTMLElement;
    figure.focus();
    press("?", {}, figure);
    const box = await screen.findByRole("dialog", { name: "Explain this number" });
    await expect.poll(() => box.textContent).toContain("Recomputed here: agrees with central.");
    press("Escape");
    await expect.poll(() => document.activeElement).toBe(figure);
  });
});
