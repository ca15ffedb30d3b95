import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { argsOf, desk } from "./desk";
import { credits, selection } from "../src/host/fixture/credit";
import { app } from "../src/shell/app.svelte";
import { noteChange } from "../src/shell/live.svelte";
import Approve from "../src/credit/Approve.svelte";

const rows = credits("awaiting", true, new Set()).rows.slice(0, 2);

describe("an approval that a colleague was faster with", () => {
  beforeEach(() => {
    app.session = null;
    app.sending = [];
    app.said = null;
  });

  it("is not sent while one may not be approved: the desk would queue none of them", async () => {
    let mayNot = 0;
    const asked = desk("person=ines", {
      credits_selection: ({ ids }: { ids: string[] }) => ({ ...selection(ids), mayNot }),
    });
    render(Approve, { rows, onclose: () => undefined, ondone: () => undefined });
    const confirm = screen.getByTestId("confirm-approve");
    await expect.poll(() => confirm.getAttribute("aria-disabled")).toBeNull();
    mayNot = 1;
    noteChange();
    await screen.findByText(/You can’t approve 1 of them/);
    expect(screen.getByTestId("approve").textContent).toContain("Close this dialog and choose again");
    expect(screen.getByTestId("approve").textContent).not.toContain("will be refused");
    expect(confirm).toHaveAttribute("aria-disabled", "true");
    await fireEvent.click(confirm);
    await fireEvent.submit(screen.getByTestId("approve").querySelector("form") as HTMLFormElement);
    expect(argsOf(asked, "approve_credits")).toEqual([]);
    // And it is again what it was when nothing stands in its way.
    mayNot = 0;
    noteChange();
    await expect.poll(() => confirm.getAttribute("aria-disabled")).toBeNull();
    await fireEvent.click(confirm);
    await expect.poll(() => argsOf(asked, "approve_credits").length).toBe(1);
  });
});
