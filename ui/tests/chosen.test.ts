import { describe, expect, it } from "vitest";
import { Chosen } from "../src/shell/chosen.svelte";

describe("the chosen row", () => {
  it("gives way to the one that stands in its place, and is itself again when it comes back", () => {
    let rows = ["a", "b", "c"];
    const chosen = new Chosen(
      () => rows,
      (row) => row,
    );
    expect(chosen.row).toBe("a");
    chosen.take("b");
    rows = ["a", "c"];
    expect(chosen.row).toBe("c");
    rows = ["a"];
    expect(chosen.row).toBe("a");
    rows = ["new", "a", "b"];
    expect(chosen.row).toBe("b");
    rows = [];
    expect(chosen.row).toBeNull();
  });
});
