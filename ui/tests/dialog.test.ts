import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { desk } from "./desk";

async function asked(over: Parameters<typeof desk>[1] = {}): Promise<HTMLElement> {
  location.hash = "#/credits";
  dispatchEvent(new HashChangeEvent("hashchange"));
  desk("person=ines", over);
  render(Shell);
  await fireEvent.click(await screen.findByTestId("credit-CR-311"));
  await fireEvent.keyDown(window, { key: "r" });
  const dialog = await screen.findByTestId("return");
  await fireEvent.input(screen.getByTestId("return-reason"), { target: { value: "wrong month" } });
  return dialog;
}

const refused = {
  return_credit: () => Promise.reject({ code: "database", message: "the disk says no" }),
};

describe("what is said while a dialog is open", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });
  afterEach(() => void vi.restoreAllMocks());

  it("stands in the dialog, as an alert: what lies below can be neither read nor clicked", async () => {
    const dialog = await asked(refused);
    await fireEvent.click(screen.getByTestId("confirm-return"));
    const toast = await within(dialog).findByTestId("toast");
    expect(toast).toHaveTextContent("the disk says no");
    expect(toast.closest("[role=alert]")).not.toBeNull();
    expect(screen.getAllByTestId("toast")).toHaveLength(1);
    await fireEvent.pointerDown(within(dialog).getByTestId("dismiss-toast"));
    await fireEvent.click(within(dialog).getByTestId("dismiss-toast"));
    expect(screen.queryByTestId("toast")).toBeNull();
    expect(dialog.isConnected).toBe(true);
  });

  it("stays in sight when the dialog is closed", async () => {
    const dialog = await asked(refused);
    await fireEvent.click(screen.getByTestId("confirm-return"));
    await within(dialog).findByTestId("toast");
    await fireEvent.click(screen.getByTestId("cancel-return"));
    await expect.poll(() => dialog.isConnected).toBe(false);
    expect(screen.getByTestId("toast")).toHaveTextContent("the disk says no");
  });

  it("what was said before stays where it was", async () => {
    const dialog = await asked();
    expect(within(dialog).queryByTestId("toast")).toBeNull();
    app.said = null;
    await fireEvent.click(screen.getByTestId("cancel-return"));
    app.say("Said before");
    await screen.findByTestId("toast");
    await fireEvent.keyDown(window, { key: "r" });
    const next = await screen.findByTestId("return");
    expect(within(next).queryByTestId("toast")).toBeNull();
    screen.getByTestId("toast");
  });

  it("that it worked is said once the dialog has closed", async () => {
    await asked();
    const open: boolean[] = [];
    const say = app.say.bind(app);
    vi.spyOn(app, "say").mockImplementation((...words) => {
      open.push(screen.queryByTestId("return") !== null);
      say(...words);
    });
    await fireEvent.click(screen.getByTestId("confirm-return"));
    await screen.findByTestId("toast");
    expect(open).toEqual([false]);
  });
  it("law 6: what is being sent is not left, and closes nothing that is opened after it", async () => {
    let answer: () => void = () => undefined;
    const dialog = await asked({ return_credit: () => new Promise<void>((go) => (answer = go)) });
    await fireEvent.click(screen.getByTestId("confirm-return"));
    const cancel = screen.getByTestId("cancel-return");
    await expect.poll(() => cancel.getAttribute("aria-disabled")).toBe("true");
    await fireEvent.click(cancel);
    await fireEvent(dialog, new Event("cancel", { cancelable: true }));
    expect(dialog.isConnected).toBe(true);
    answer();
    await expect.poll(() => dialog.isConnected).toBe(false);
  });

  it("what takes long may be left, and closes nothing later", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let answer: () => void = () => undefined;
      const dialog = await asked({ return_credit: () => new Promise<void>((go) => (answer = go)) });
      await fireEvent.click(screen.getByTestId("confirm-return"));
      await vi.advanceTimersByTimeAsync(10_000);
      await fireEvent.click(screen.getByTestId("cancel-return"));
      await expect.poll(() => dialog.isConnected).toBe(false);
      await fireEvent.keyDown(window, { key: "r" });
      const next = await screen.findByTestId("return");
      answer();
      await vi.advanceTimersByTimeAsync(100);
      expect(next.isConnected).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it("Escape closes it before the browser does", async () => {
    const dialog = await asked();
    const pressed = fireEvent.keyDown(screen.getByTestId("return-reason"), { key: "Escape" });
    expect(await pressed).toBe(false);
    await expect.poll(() => dialog.isConnected).toBe(false);
  });
});
