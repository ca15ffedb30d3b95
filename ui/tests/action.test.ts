import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import Exclusion from "../src/breach/Exclusion.svelte";
import Button from "../src/parts/Button.svelte";
import type { Action } from "../src/shell/actions.svelte";
import type { ExclusionView } from "../src/host/types";

describe("a button of an action", () => {
  it("says what its key is, and does what the key does", async () => {
    let ran = 0;
    const action: Action = { id: "end", label: "Stop sending…", key: "shift+x", run: () => (ran += 1) };
    render(Button, { action });
    const button = screen.getByTestId("end");
    expect(button.textContent?.replaceAll(/\s/g, "")).toBe("Stopsending…⇧X");
    expect(button).not.toHaveAttribute("title");
    await fireEvent.click(button);
    expect(ran).toBe(1);
  });

  it("that can't be done now says why, and does nothing", async () => {
    let ran = 0;
    const action: Action = {
      id: "end",
      label: "Stop sending…",
      enabled: false,
      reason: "No contact selected",
      run: () => (ran += 1),
    };
    render(Button, { action });
    const button = screen.getByTestId("end");
    expect(button).toHaveAttribute("aria-disabled", "true");
    expect(button).toHaveAttribute("title", "No contact selected");
    await fireEvent.click(button);
    expect(ran).toBe(0);
  });

  it("of an exclusion shows a key only where the key would admit this one", () => {
    const at = { utc: "14 Oct 2026, 03:55" };
    const exclusion = {
      ...{ state: "proposed", admissible: true, mayDecide: true },
      ...{ from: at, to: at },
    } as ExclusionView;
    const admit = (id: string, key?: string): Action => ({ id, label: "Admit…", key, run: () => undefined });
    render(Exclusion, { exclusion, admit: admit("first", "a"), onrefuse: () => undefined });
    render(Exclusion, { exclusion, admit: admit("second"), onrefuse: () => undefined });
    expect(screen.getByTestId("first").querySelector("kbd")).toHaveTextContent("A");
    expect(screen.getByTestId("second").querySelector("kbd")).toBeNull();
  });
});
