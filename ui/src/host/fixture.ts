import type { Host } from "./host";
export function fixtureHost(_query: URLSearchParams): Host {
  throw new Error("later");
}
