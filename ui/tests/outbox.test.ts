import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { argsOf, desk } from "./desk";

describe("the outbox", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("law 7: what came back is decided again at the amount that stands beside it", async () => {
    location.hash = "#/outbox";
    dispatchEvent(new HashChangeEvent("hashchange"));
    const asked = desk("person=ines&outbox");
    render(Shell);
    const row = within(await screen.findByTestId("outbox-stale"));
    expect(row.getByTestId("outbox-now")).toHaveTextContent("It stands at $1,200.00 now.");
    await fireEvent.click(row.getByTestId("retry-command"));
    await expect.poll(() => argsOf(asked, "retry_command")).toEqual([{ id: "o-3", seen: "3 120000" }]);
  });
});
