import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { argsOf, desk, type Asked } from "./desk";
import { preview } from "../src/host/fixture/customer";
import { app } from "../src/shell/app.svelte";
import Shell from "../src/shell/Shell.svelte";

type Wanted = { page: number; language: string };

async function open(): Promise<Asked[]> {
  const asked = desk("person=sam", {
    // German takes a page more.
    statement_preview: ({ page, language }: Wanted) => {
      const pages = language === "de" ? 3 : 2;
      if (page > pages) throw { code: "not_found", message: `It has ${pages} pages` };
      return { ...preview(page, false), pages };
    },
  });
  location.hash = "#/customers/gmbh/statements?month=2026-10";
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(Shell);
  await screen.findByText("Page 1 of 3");
  return asked;
}
const wanted = (asked: Asked[]): [number, string][] =>
  (argsOf(asked, "statement_preview") as Wanted[]).map(({ page, language }) => [page, language]);

describe("the preview of a statement", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("begins anew in another language, which may have fewer pages", async () => {
    const asked = await open();
    await fireEvent.click(screen.getByTestId("next-page"));
    await screen.findByText("Page 2 of 3");
    await fireEvent.click(screen.getByTestId("next-page"));
    await screen.findByText("Page 3 of 3");
    await fireEvent.click(screen.getByTestId("language-en"));
    await screen.findByText("Page 1 of 2");
    await fireEvent.click(screen.getByTestId("next-page"));
    await screen.findByText("Page 2 of 2");
    expect(wanted(asked)).toEqual([
      [1, "de"],
      [2, "de"],
      [3, "de"],
      [1, "en"],
      [2, "en"],
    ]);
  });
});
