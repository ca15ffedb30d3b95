import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { asProblem, problemTitle } from "../src/host/problems";

describe("problems are worded by code", () => {
  const list = readFileSync(join(import.meta.dirname, "../../crates/domain/src/error.rs"), "utf8");
  const codes = [...list.matchAll(/= "([a-z_]+)", \d{3};/g)].map((m) => m[1] ?? "");

  it("reads the closed list", () => {
    expect(codes.length).toBeGreaterThan(20);
  });

  it.each(codes)("has a title for %s", (code) => {
    expect(problemTitle({ code, message: "" })).not.toBe("That did not work");
  });

  it("gives no code to anything else that is thrown", () => {
    expect(asProblem(new Error("boom"))).toEqual({ code: "internal", message: "boom" });
    expect(asProblem({ code: "stale", message: "m" }).code).toBe("stale");
  });
});
