import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { desk } from "./desk";
import { app } from "../src/shell/app.svelte";
import Shell from "../src/shell/Shell.svelte";

const click = async (testid: string): Promise<void> => {
  await fireEvent.click(await screen.findByTestId(testid));
};
const ticked = (number: string): boolean =>
  screen.getByTestId<HTMLInputElement>(`select-${number}`).checked ||
  screen.getByTestId(`select-${number}`).getAttribute("aria-checked") === "true";

describe("a selection of credits", () => {
  beforeEach(async () => {
    app.session = null;
    app.sending = [];
    app.said = null;
    location.hash = "#/credits";
    dispatchEvent(new HashChangeEvent("hashchange"));
    desk("person=ines");
    render(Shell);
    await screen.findByTestId("credit-CR-311");
  });

  it("stays when another one is decided by itself", async () => {
    await click("select-CR-312");
    await click("select-CR-313");
    await click("credit-CR-311");
    await fireEvent.keyDown(window, { key: "r" });
    await fireEvent.input(await screen.findByTestId("return-reason"), { target: { value: "wrong month" } });
    await click("confirm-return");
    await expect.poll(() => screen.queryByTestId("return")).toBeNull();
    await screen.findByText("2 selected");
    expect([ticked("CR-312"), ticked("CR-313")]).toEqual([true, true]);
  });

  it("loses the one of them that is decided by itself", async () => {
    await click("select-CR-311");
    await click("select-CR-312");
    await click("credit-CR-311");
    await fireEvent.keyDown(window, { key: "r" });
    await fireEvent.input(await screen.findByTestId("return-reason"), { target: { value: "wrong month" } });
    await click("confirm-return");
    await expect.poll(() => screen.queryByTestId("return")).toBeNull();
    await screen.findByText("1 selected");
    expect([ticked("CR-311"), ticked("CR-312")]).toEqual([false, true]);
  });

  it("is gone when all of it is decided", async () => {
    await click("select-CR-311");
    await click("select-CR-312");
    await click("approve-selected");
    const confirm = await screen.findByTestId("confirm-approve");
    await expect.poll(() => confirm.getAttribute("aria-disabled")).toBeNull();
    await fireEvent.click(confirm);
    await expect.poll(() => screen.queryByTestId("selection")).toBeNull();
  });
});
