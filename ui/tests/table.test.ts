import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { argsOf, desk, type Asked } from "./desk";
import { app } from "../src/shell/app.svelte";
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

  it("that is not UTF-8 is not taken with letters lost, and says what to do", async () => {
    await choose(utf8(fees));
    await screen.findByTestId("table-says");
    const tried = argsOf(asked, "try_table").length;
    await choose(latin1(fees));
    expect((await screen.findByRole("alert")).textContent).toContain(
      "The file is not UTF-8; save it as CSV UTF-8",
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
