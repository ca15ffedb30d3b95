import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { argsOf, desk, type Asked } from "./desk";

async function open(query: string): Promise<Asked[]> {
  location.hash = "#/alerts";
  dispatchEvent(new HashChangeEvent("hashchange"));
  const asked = desk(query);
  render(Shell);
  await screen.findByTestId("alert-AL-12");
  return asked;
}

describe("alerts", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("law 7: one is looked after at the version that was seen", async () => {
    const asked = await open("person=dana");
    await fireEvent.keyDown(window, { key: "l" });
    await fireEvent.input(await screen.findByTestId("acknowledge-note"), { target: { value: " on it " } });
    await fireEvent.click(screen.getByTestId("confirm-acknowledge"));
    await expect
      .poll(() => argsOf(asked, "acknowledge_alert"))
      .toEqual([{ id: "al-12", version: 3, note: "on it" }]);
  });

  it("who does not review, and what is looked after already, asks for nothing", async () => {
    const asked = await open("person=ines");
    await fireEvent.keyDown(window, { key: "l" });
    expect(screen.queryByTestId("acknowledge")).toBeNull();
    expect(argsOf(asked, "acknowledge_alert")).toEqual([]);
  });
  it("leads to its line among all of them: it may be at risk no more", async () => {
    await open("person=dana");
    await fireEvent.keyDown(window, { key: "Enter" });
    expect(location.hash).toMatch(/^#\/portfolio\?.*view=all/);
  });
});
