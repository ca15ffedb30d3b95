import { describe, expect, it } from "vitest";
import { Live } from "../src/shell/live.svelte";

describe("what is on screen", () => {
  it("a slow answer never overwrites a newer one", async () => {
    const live = new Live<string>();
    let answer: (text: string) => void = () => undefined;
    const slow = live.take(() => new Promise<string>((resolve) => (answer = resolve)));
    await live.take(() => Promise.resolve("new"));
    answer("old");
    await slow;
    expect(live.value).toBe("new");
  });

  it("old data stays when loading anew fails, and the problem is known", async () => {
    const live = new Live<string>();
    await live.take(() => Promise.resolve("data"));
    await live.take(() => Promise.reject({ code: "database", message: "locked" }));
    expect(live.value).toBe("data");
    expect(live.problem?.code).toBe("database");
  });
});
