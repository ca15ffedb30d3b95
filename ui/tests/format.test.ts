import { describe, expect, it } from "vitest";
import { timeField, timeOf } from "../src/parts/format";

describe("a field for a time", () => {
  it("law 1: says the second, where it is not a full minute, and gives back what it said", () => {
    for (const [at, text] of [
      ["2026-10-14T03:55:00Z", "2026-10-14 03:55"],
      ["2026-10-14T03:55:40Z", "2026-10-14 03:55:40"],
      ["2026-10-14T03:00:00Z", "2026-10-14 03:00"],
    ] as const) {
      expect(timeField(at)).toBe(text);
      expect(timeOf(text)).toBe(at);
    }
    expect(timeField(null)).toBe("");
  });

  it("takes nothing that is no time", () => {
    for (const text of ["", "2026-10-14", "2026-10-14 03:55:4", "2026-10-14T03:55:00Z", "14.10. 3:55"]) {
      expect(timeOf(text)).toBeNull();
    }
  });
});
