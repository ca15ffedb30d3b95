import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { argsOf, desk } from "./desk";
import { proposal } from "../src/host/fixture/draft";
import { app } from "../src/shell/app.svelte";
import { noteChange } from "../src/shell/live.svelte";
import Shell from "../src/shell/Shell.svelte";

describe("a proposal that is put in force", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("law 7: at what was seen when that was asked, whatever a sync has brought since", async () => {
    let seen = "9f3c";
    const asked = desk("person=ines", {
      proposal: ({ id }: { id: string }) => ({ ...proposal(id, true), seen }),
    });
    location.hash = "#/contracts/p-12/proposal";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(Shell);
    await fireEvent.click(await screen.findByTestId("put-in-force"));
    await screen.findByTestId("place-dialog");
    const before = argsOf(asked, "proposal").length;
    seen = "77aa";
    noteChange();
    await expect.poll(() => argsOf(asked, "proposal").length).toBeGreaterThan(before);
    // What came last is on the page below, and not what was seen.
    await new Promise((go) => setTimeout(go, 20));
    await fireEvent.click(screen.getByTestId("confirm-place"));
    await expect
      .poll(() => argsOf(asked, "decide_proposal"))
      .toEqual([{ id: "p-12", verb: "put_in_force", seen: "9f3c", reason: null }]);
  });

  it("is withdrawn, and whoever has gone elsewhere meanwhile stays there", async () => {
    let answer: () => void = () => undefined;
    desk("person=dana", {
      proposal: ({ id }: { id: string }) => ({
        ...proposal(id, true),
        withdraw: { enabled: true, reason: null },
      }),
      decide_proposal: () => new Promise<void>((go) => (answer = go)),
    });
    location.hash = "#/contracts/p-12/proposal";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(Shell);
    await fireEvent.click(await screen.findByTestId("withdraw"));
    location.hash = "#/outbox";
    dispatchEvent(new HashChangeEvent("hashchange"));
    await screen.findByRole("heading", { name: "Outbox" });
    answer();
    await expect.poll(() => app.said?.text).toMatch(/^P-\d+ was withdrawn$/);
    expect(location.hash).toBe("#/outbox");
  });

  it("a person whose proposal is on its way stays in sight: it is kept nowhere else", async () => {
    desk("person=ines&admin", { propose_person: () => new Promise(() => undefined) });
    location.hash = "#/settings/people";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(Shell);
    await fireEvent.click(await screen.findByTestId("known-lee"));
    await fireEvent.click(screen.getByTestId("change-person"));
    const form = await screen.findByTestId("person-form");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await fireEvent.click(screen.getByTestId("confirm-person"));
      await vi.advanceTimersByTimeAsync(60_000);
      await fireEvent.click(screen.getByTestId("cancel-person"));
      expect(form.isConnected).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
