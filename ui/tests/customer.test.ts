import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { desk } from "./desk";
import { customer } from "../src/host/fixture/customer";
import type { StatementRow } from "../src/host/types";
import { app } from "../src/shell/app.svelte";
import { noteChange } from "../src/shell/live.svelte";
import Shell from "../src/shell/Shell.svelte";

const whole = customer("sam");
const selected = (): string | null => document.querySelector("tr[aria-current='true']")?.textContent ?? null;

/** The statements of a customer; what is called with what a sync brings puts it in place of them. */
async function open(month: string | null, first: StatementRow[]): Promise<(rows: StatementRow[]) => void> {
  let rows = first;
  desk("person=sam", { customer: () => ({ ...whole, statements: rows }) });
  location.hash = `#/customers/gmbh/statements${month === null ? "" : `?month=${month}`}`;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(Shell);
  await screen.findByTestId("delivery");
  return (next) => {
    rows = next;
    noteChange();
  };
}
const of = (month: string): StatementRow => whole.statements.find((row) => row.month === month)!;
const revised = (row: StatementRow): StatementRow => ({ ...row, id: `${row.id}-new`, number: "ST-NEW" });
const write = async (): Promise<void> => {
  await fireEvent.keyDown(window, { key: "a" });
  await fireEvent.input(await screen.findByTestId("said-by"), { target: { value: "H. Vogt" } });
};

describe("a customer's statements while a sync goes on", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("law 6: what is written about the month's one stays when another comes before it", async () => {
    const row = of("2026-09");
    const brings = await open("2026-09", [row]);
    await write();
    brings([revised(row), row]);
    await screen.findByText("ST-NEW");
    expect(screen.getByTestId("said-by")).toHaveValue("H. Vogt");
    expect(selected()).toContain("ST-2026-09-0409");
  });

  it("law 6: nor does one go when no month was asked for", async () => {
    const row = of("2026-09");
    const brings = await open(null, [row]);
    await write();
    brings([revised(of("2026-08")), row]);
    await screen.findByText("ST-NEW");
    expect(screen.getByTestId("said-by")).toHaveValue("H. Vogt");
  });

  it("another month is shown when the address names it, and the next one when one is gone", async () => {
    const [september, august] = [of("2026-09"), of("2026-08")];
    const brings = await open("2026-09", [september, august]);
    location.hash = "#/customers/gmbh/statements?month=2026-08";
    dispatchEvent(new HashChangeEvent("hashchange"));
    await expect.poll(selected).toContain("ST-2026-08-0403");
    brings([september]);
    await expect.poll(selected).toContain("ST-2026-09-0409");
  });
});
