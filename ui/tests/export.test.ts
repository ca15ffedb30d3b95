import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { desk } from "./desk";
import { actions } from "../src/shell/actions.svelte";
import { app } from "../src/shell/app.svelte";
import Shell from "../src/shell/Shell.svelte";

async function open(month: string): Promise<void> {
  location.hash = `#/customers/gmbh/statements?month=${month}`;
  dispatchEvent(new HashChangeEvent("hashchange"));
  desk("person=sam");
  render(Shell);
  await screen.findByTestId("delivery");
}

describe("the key F on a sealed statement", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("puts the PDF into a folder where its file is here", async () => {
    await open("2026-09");
    await fireEvent.keyDown(window, { key: "f" });
    await screen.findByText(/^Export ST-2026-09-0409 to a folder/);
  });

  it("adds the file where it is at another desk", async () => {
    await open("2026-05");
    await fireEvent.keyDown(window, { key: "f" });
    await screen.findByText(/^Add the file of ST-2026-05-0384/);
  });

  it("stands once in the list of all keys", async () => {
    await open("2026-09");
    const onF = actions().filter((one) => one.key === "f");
    expect(onF.map((one) => one.id)).toEqual(["export-statement"]);
  });
});
