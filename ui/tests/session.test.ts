import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { sessionOf } from "../src/host/fixture/people";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { forgetAll } from "../src/shell/unsaved";
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

  it("says where contracts are imported, by whom and how", async () => {
    desk();
    render(Shell);
    const why = (await screen.findByTestId("import-files")).getAttribute("title");
    expect(why).toContain("POST /v1/import");
    expect(why).not.toContain("makegood-central import");
  });

  it("a demo that does not open can be reset from here", async () => {
    let broken = true;
    const asked = desk("", {
      start_demo: () => Promise.reject({ code: "database", message: "demo.db is not a database" }),
      reset_demo: () => {
        if (broken) return Promise.reject({ code: "disk_full", message: "no room for it" });
        return { ...sessionOf("dana", "light", null) };
      },
    });
    render(Shell);
    expect(screen.queryByTestId("reset-broken-demo")).toBeNull();
    await fireEvent.click(await screen.findByTestId("start-demo"));
    await screen.findByText("demo.db is not a database");
    await fireEvent.click(screen.getByTestId("reset-broken-demo"));
    await screen.findByText("no room for it");
    broken = false;
    await fireEvent.click(screen.getByTestId("reset-broken-demo"));
    await screen.findByTestId("demo-strip");
    expect(argsOf(asked, "reset_demo")).toHaveLength(2);
  });

  async function reach(query: string, over = {}): Promise<ReturnType<typeof desk>> {
    const asked = desk(query, over);
    render(Shell);
    await fireEvent.click(await screen.findByTestId("open-connect"));
    const address = await screen.findByTestId("connect-address");
    await fireEvent.input(address, { target: { value: "https://sla.example" } });
    await fireEvent.click(screen.getByTestId("confirm-connect"));
    await screen.findByTestId("welcome");
    return asked;
  }

  it("where there is no provider a token is asked for, and a refused one is said at its check", async () => {
    const asked = await reach("tokens");
    expect(screen.getByTestId("connect-token")).toHaveFocus();
    await fireEvent.input(screen.getByTestId("connect-token"), { target: { value: "secret" } });
    await fireEvent.click(screen.getByTestId("confirm-connect"));
    expect(await screen.findByTestId("connect-problem")).toHaveTextContent("You are signed out");
    expect(argsOf(asked, "connect")).toEqual([{ address: "https://sla.example", token: "secret" }]);
  });

  it("somebody signs in in the browser and lands on the home of their role", async () => {
    const session = sessionOf("ines", "light", "https://sla.example");
    const asked = await reach("", { sign_in: () => session });
    expect(screen.getByTestId("welcome")).toHaveTextContent("id.fjordline.example");
    await fireEvent.click(screen.getByTestId("confirm-connect"));
    await screen.findByRole("heading", { name: "Credits" });
    expect(screen.queryByTestId("connect")).toBeNull();
    expect(argsOf(asked, "sign_in")).toEqual([{ address: "https://sla.example" }]);
  });

  it("a code is shown while it waits, and cancelling breaks the sign-in off before it closes", async () => {
    const asked = await reach("");
    await fireEvent.click(screen.getByTestId("sign-in-by-code"));
    expect(await screen.findByTestId("sign-in-code")).toHaveTextContent("BCQJ-XCLG");
    expect(screen.getByTestId("sign-in-code")).toHaveFocus();
    expect(screen.getByTestId("confirm-connect")).toHaveAttribute("aria-disabled", "true");
    await fireEvent.click(screen.getByTestId("cancel-connect"));
    expect(await screen.findByTestId("connect-problem")).toHaveTextContent("The sign-in was cancelled");
    expect(argsOf(asked, "cancel_sign_in")).toHaveLength(1);
    expect(screen.queryByTestId("sign-in-code")).toBeNull();
    await fireEvent.click(screen.getByTestId("cancel-connect"));
    expect(screen.queryByTestId("connect")).toBeNull();
  });

  it("another address is looked at anew", async () => {
    const asked = await reach("");
    await fireEvent.input(screen.getByTestId("connect-address"), { target: { value: "https://b.example" } });
    expect(screen.queryByTestId("welcome")).toBeNull();
    await fireEvent.click(screen.getByTestId("confirm-connect"));
    await screen.findByTestId("welcome");
    expect(argsOf(asked, "welcome")).toEqual([
      { address: "https://sla.example" },
      { address: "https://b.example" },
    ]);
    expect(argsOf(asked, "sign_in")).toEqual([]);
  });

  it("a session that has run out says so, and leads to the same address", async () => {
    desk("person=dana&sync=expired&central=https://sla.example");
    render(Shell);
    expect(await screen.findByTestId("stale-strip")).toHaveTextContent("waits in your outbox");
    await fireEvent.click(screen.getByTestId("sign-in-again"));
    expect(await screen.findByTestId("connect-address")).toHaveValue("https://sla.example");
  });

  it("who signs in again stays where they were, with what they were writing", async () => {
    const at = "https://sla.example";
    const session = sessionOf("ines", "light", at);
    desk(`person=ines&sync=expired&central=${at}`, { sign_in: () => session });
    location.hash = "#/contracts/d-4/draft";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(Shell);
    await fireEvent.input(await screen.findByTestId("title"), { target: { value: "A better title" } });
    await fireEvent.click(screen.getByTestId("sign-in-again"));
    await fireEvent.click(await screen.findByTestId("confirm-connect"));
    await screen.findByTestId("welcome");
    await fireEvent.click(screen.getByTestId("confirm-connect"));
    await expect.poll(() => screen.queryByTestId("connect")).toBeNull();
    expect(location.hash).toBe("#/contracts/d-4/draft");
    expect(screen.getByTestId("title")).toHaveValue("A better title");
    forgetAll();
  });

  it("somebody else who signs in lands on their own home", async () => {
    const at = "https://sla.example";
    desk(`person=ines&sync=expired&central=${at}`, { sign_in: () => sessionOf("dana", "light", at) });
    location.hash = "#/contracts";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(Shell);
    await fireEvent.click(await screen.findByTestId("sign-in-again"));
    await fireEvent.click(await screen.findByTestId("confirm-connect"));
    await screen.findByTestId("welcome");
    await fireEvent.click(screen.getByTestId("confirm-connect"));
    await expect.poll(() => location.hash).toBe("#/portfolio");
  });

  it("where no session can be kept, that is said once and stands in the settings", async () => {
    const unkept = { kept: false, notKept: "this computer's keychain can't be used: it is locked" };
    const session = { ...sessionOf("dana", "light", "https://sla.example"), ...unkept };
    await reach("", { sign_in: () => ({ ...session, notKeptIsNews: true }) });
    await fireEvent.click(screen.getByTestId("confirm-connect"));
    await expect.poll(() => app.said?.text).toBe("You have to sign in at each start on this computer");
    expect(app.said?.detail).toContain("it is locked");
    cleanup();
    app.session = null;
    app.said = null;
    await reach("", { sign_in: () => ({ ...session, notKeptIsNews: false }) });
    await fireEvent.click(screen.getByTestId("confirm-connect"));
    await screen.findByRole("heading", { name: "Portfolio" });
    expect(app.said).toBeNull();
    cleanup();
    desk("person=dana&central=https://sla.example&unkept");
    location.hash = "#/settings";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(Shell);
    expect(await screen.findByTestId("session-kept")).toHaveTextContent("it is locked");
  });

  it("a session that is kept says that the next start needs nobody", async () => {
    desk("person=dana&central=https://sla.example");
    location.hash = "#/settings";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(Shell);
    expect(await screen.findByTestId("session-kept")).toHaveTextContent("Opens as you");
  });

  it("whose token is taken no more can sign in again in place", async () => {
    desk("person=dana&sync=revoked&central=https://sla.example");
    render(Shell);
    await fireEvent.click(await screen.findByTestId("sign-in-again"));
    expect(await screen.findByTestId("connect-address")).toHaveValue("https://sla.example");
  });

  it("signing out leads to the beginning", async () => {
    const asked = desk("person=dana&central=https://sla.example");
    location.hash = "#/settings";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(Shell);
    await fireEvent.click(await screen.findByTestId("sign-out"));
    await screen.findByTestId("start-demo");
    expect(argsOf(asked, "sign_out")).toHaveLength(1);
  });

  it("while everything comes in, it says how far and that lists are not whole", async () => {
    desk("person=dana&sync=syncing");
    render(Shell);
    const strip = await screen.findByTestId("syncing-strip");
    expect(strip).toHaveTextContent("missing what has not arrived yet");
    expect(strip).toHaveTextContent("3.2 of 12.0 MB");
    expect(screen.getByRole("progressbar", { name: "everything" })).toHaveAttribute("value", "3200000");
    expect(screen.getByTestId("syncing-tables")).toHaveTextContent(
      "SLA lines 31,000 of 50,000 · Attainment waiting",
    );
    const tables = within(strip).getAllByRole("listitem", { hidden: true });
    expect(tables.map((table) => table.textContent.trim())).toContain("Customers 10,000");
  });

  it.each([
    ["stale", "can’t be issued", "The data is out of date: sync first"],
    ["expired", "You see data as of 9 Nov 2026, 08:15 UTC", "Your session has ended: sign in first"],
  ])("%s: old data shows a strip, and statements can’t be issued from it", async (sync, strip, why) => {
    desk(`person=sam&sync=${sync}`);
    location.hash = "#/statements";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(Shell);
    expect(await screen.findByTestId("stale-strip")).toHaveTextContent(strip);
    await fireEvent.click(await screen.findByTestId("run-inc"));
    expect(screen.getByTestId("issue-statement")).toHaveAttribute("title", why);
  });
});
