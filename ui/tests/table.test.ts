import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { argsOf, desk, type Asked } from "./desk";
import { app } from "../src/shell/app.svelte";
import Shell from "../src/shell/Shell.svelte";
import { forgetAll } from "../src/shell/unsaved";
import Tables from "../src/table/Tables.svelte";

const choose = async (bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
  const files = [new File([bytes], "fees.csv", { type: "text/csv" })];
  await fireEvent.change(screen.getByLabelText(/^Table \(CSV\)/), { target: { files } });
};
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
/** As Excel writes it where nobody chose otherwise. */
const latin1 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const text = (): string => screen.getByTestId<HTMLTextAreaElement>("table-text").value;
const fees = "contract,line,amount,frequency,from,customer\nNW-1,API,12500.00,monthly,2026-09-01,Müller\n";

describe("a table out of a file", () => {
  let asked: Asked[];
  beforeEach(() => {
    app.session = null;
    app.said = null;
    forgetAll();
    asked = desk("person=ines");
    render(Tables);
  });

  it("is read as UTF-8, with or without a byte order mark", async () => {
    await choose(utf8(fees));
    await expect.poll(text).toBe(fees);
    await choose(utf8(`\uFEFF${fees.replace("12500", "12600")}`));
    await expect.poll(text).toBe(fees.replace("12500", "12600"));
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("that is chosen while one is handed in is still to be handed in", async () => {
    let answer: () => void = () => undefined;
    asked = desk("person=ines", {
      take_table: () => new Promise((go) => (answer = () => go({ proposal: null, changed: 1 }))),
    });
    await choose(utf8(fees));
    await screen.findByTestId("table-says");
    await fireEvent.click(screen.getByTestId("take-table"));
    const next = fees.replace("12500", "12600");
    await choose(utf8(next));
    await expect.poll(text).toBe(next);
    answer();
    await expect.poll(() => app.said?.text).toBe("In force: 1 changed");
    expect(text()).toBe(next);
  });

  it("that is not UTF-8 is not taken with letters lost, and says what to do", async () => {
    await choose(utf8(fees));
    await screen.findByTestId("table-says");
    const tried = argsOf(asked, "try_table").length;
    await choose(latin1(fees));
    expect((await screen.findByRole("alert")).textContent).toContain(
      "The file is not UTF-8. Save it as CSV UTF-8",
    );
    // Nothing of the file before it is left to be proposed instead.
    expect(text()).toBe("");
    expect(screen.getByTestId("take-table")).toHaveAttribute("aria-disabled", "true");
    expect(argsOf(asked, "try_table").length).toBe(tried);
    await choose(utf8(fees));
    await screen.findByTestId("table-says");
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

describe("a table that was pasted", () => {
  async function open(): Promise<HTMLTextAreaElement> {
    app.session = null;
    app.said = null;
    forgetAll();
    location.hash = "#/settings/tables";
    dispatchEvent(new HashChangeEvent("hashchange"));
    desk("person=ines");
    render(Shell);
    return screen.findByTestId("table-text");
  }

  it("is not lost to Escape, neither in its field nor beside it", async () => {
    const field = await open();
    field.focus();
    await fireEvent.input(field, { target: { value: fees } });
    await fireEvent.keyDown(field, { key: "Escape" });
    expect(location.hash).toBe("#/settings/tables");
    field.blur();
    await fireEvent.keyDown(window, { key: "Escape" });
    expect(location.hash).toBe("#/settings/tables");
    await fireEvent.input(field, { target: { value: "" } });
    field.focus();
    await fireEvent.keyDown(field, { key: "Escape" });
    expect(location.hash).toBe("#/settings/tables");
    await fireEvent.keyDown(window, { key: "Escape" });
    await expect.poll(() => location.hash).toBe("#/settings");
  });

  it("stands there when one comes back, until it is handed in", async () => {
    await fireEvent.input(await open(), { target: { value: fees } });
    location.hash = "#/outbox";
    dispatchEvent(new HashChangeEvent("hashchange"));
    await expect.poll(() => screen.queryByTestId("table-text")).toBeNull();
    location.hash = "#/settings/tables";
    dispatchEvent(new HashChangeEvent("hashchange"));
    await expect.poll(text).toBe(fees);
    await screen.findByTestId("table-says");
    await fireEvent.click(screen.getByTestId("take-table"));
    await expect.poll(() => location.hash).toContain("proposal");
    location.hash = "#/settings/tables";
    dispatchEvent(new HashChangeEvent("hashchange"));
    await screen.findByTestId("table-text");
    expect(text()).toBe("");
  });
});
