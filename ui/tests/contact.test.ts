import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { argsOf, desk, type Asked } from "./desk";
import { app } from "../src/shell/app.svelte";
import ImportContacts from "../src/contact/ImportContacts.svelte";

const choose = async (bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
  const files = [new File([bytes], "contacts.csv", { type: "text/csv" })];
  await fireEvent.change(screen.getByLabelText(/^Table \(CSV\)/), { target: { files } });
};
const table = "customer,name,address,role,language\nNW-DE,Jörg Maß,joerg@northwind.example,legal,de\n";
const text = (): string => screen.getByTestId<HTMLTextAreaElement>("import-table").value;

describe("contacts out of a file", () => {
  let asked: Asked[];
  beforeEach(() => {
    app.session = null;
    app.said = null;
    asked = desk("person=sam");
    render(ImportContacts, { onclose: () => undefined });
  });

  it("are read as UTF-8", async () => {
    await choose(new TextEncoder().encode(table));
    await expect.poll(text).toBe(table);
  });

  it("that are not UTF-8 are not taken with letters lost, and it is said what to do", async () => {
    await choose(Uint8Array.from(table, (letter) => letter.charCodeAt(0)));
    expect((await screen.findByRole("alert")).textContent).toContain(
      "The file is not UTF-8. Save it as CSV UTF-8",
    );
    expect(text()).toBe("");
    expect(argsOf(asked, "plan_contacts")).toEqual([]);
  });
});

describe("contacts that are typed", () => {
  it("are entered only as they were read, not as they are being changed", async () => {
    app.session = null;
    const asked = desk("person=sam");
    render(ImportContacts, { onclose: () => undefined });
    const field = screen.getByTestId("import-table");
    await fireEvent.input(field, { target: { value: table } });
    await screen.findByTestId("import-rows");
    const enter = screen.getByTestId("confirm-import");
    await expect.poll(() => enter.getAttribute("aria-disabled")).toBeNull();
    await fireEvent.input(field, { target: { value: `${table}NW-DE,x,nobody,legal,de\n` } });
    expect(enter).toHaveAttribute("aria-disabled", "true");
    expect(screen.queryByTestId("import-rows")).toBeNull();
    await fireEvent.submit(screen.getByTestId("import").querySelector("form") as HTMLFormElement);
    expect(argsOf(asked, "import_contacts")).toEqual([]);
  });
});
