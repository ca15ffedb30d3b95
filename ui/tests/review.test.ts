import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { argsOf, desk, type Asked } from "./desk";
import { breach } from "../src/host/fixture/breach";
import type { Breach } from "../src/host/types";
import { app } from "../src/shell/app.svelte";
import Review from "../src/breach/Review.svelte";

function open(narratives: Breach["narratives"]): Asked[] {
  const asked = desk("person=dana");
  const before = { ...breach("b-nw1", "dana"), rootCause: "Dependency: DNS", narratives };
  render(Review, { breach: before, onclose: () => undefined });
  return asked;
}
const write = (language: string, value: string): Promise<boolean> =>
  fireEvent.input(screen.getByTestId(`review-narrative-${language}`), { target: { value } });
async function sent(asked: Asked[]): Promise<unknown> {
  await fireEvent.click(screen.getByTestId("confirm-review"));
  await expect.poll(() => argsOf(asked, "review_breach").length).toBe(1);
  return (argsOf(asked, "review_breach")[0] as { narratives: unknown }).narratives;
}
const both = [
  { language: "en", text: "A DNS change." },
  { language: "de", text: "Eine DNS-Änderung." },
];

describe("a breach that is reviewed again", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("sends the language that was written anew, and leaves the other as it stands", async () => {
    const asked = open(both);
    await write("de", " Eine Änderung am DNS. ");
    expect(await sent(asked)).toEqual({ de: "Eine Änderung am DNS." });
  });

  it("sends none that nobody touched", async () => {
    const asked = open(both);
    expect(await sent(asked)).toEqual({});
  });

  it("sends none that was touched and is as before", async () => {
    const asked = open(both);
    await write("en", "A DNS change");
    await write("en", "A DNS change. ");
    expect(await sent(asked)).toEqual({});
  });

  it("takes back the text of a language that was cleared", async () => {
    const asked = open(both);
    await write("en", "  ");
    expect(await sent(asked)).toEqual({ en: "" });
  });

  it("says nothing about a language that never had a text", async () => {
    const asked = open([]);
    await write("en", " A DNS change. ");
    expect(await sent(asked)).toEqual({ en: "A DNS change." });
  });
});
