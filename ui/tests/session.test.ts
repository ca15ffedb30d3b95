import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { argsOf, desk } from "./desk";

describe("first run", () => {
  beforeEach(() => {
    location.hash = "";
    dispatchEvent(new HashChangeEvent("hashchange"));
    app.session = null;
    app.said = null;
  });

  it("one click opens the demo, and the strip says that nothing leaves this computer", async () => {
    desk();
    render(Shell);
    await fireEvent.click(await screen.findByTestId("start-demo"));
    expect(await screen.findByTestId("demo-strip")).toHaveTextContent("nothing leaves this computer");
    await screen.findByRole("heading", { name: "Portfolio" });
  });

  it("another person of the demo lands on the home of their role", async () => {
    desk("person=dana");
    render(Shell);
    await fireEvent.click(await screen.findByTestId("person-ines"));
    await screen.findByRole("heading", { name: "Credits" });
    expect(screen.getByTestId("person-ines")).toHaveAttribute("aria-pressed", "true");
  });

  it("a refused token is said at its check, and the token is not kept on screen", async () => {
    const asked = desk();
    render(Shell);
    await fireEvent.click(await screen.findByTestId("open-connect"));
    await fireEvent.input(await screen.findByTestId("connect-address"), {
      target: { value: "https://sla.example" },
    });
    await fireEvent.input(screen.getByTestId("connect-token"), { target: { value: "secret" } });
    await fireEvent.click(screen.getByTestId("confirm-connect"));
    expect(await screen.findByTestId("connect-problem")).toHaveTextContent("You are signed out");
    expect(argsOf(asked, "connect")).toEqual([{ address: "https://sla.example", token: "secret" }]);
  });

  it("old data shows a strip, and statements can’t be issued from it", async () => {
    desk("person=sam&sync=stale");
    location.hash = "#/statements";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(Shell);
    expect(await screen.findByTestId("stale-strip")).toHaveTextContent("can’t be issued");
    await fireEvent.click(await screen.findByTestId("run-inc"));
    expect(screen.getByTestId("issue-statement")).toHaveAttribute("title", "The data is old: sync first");
  });
});
