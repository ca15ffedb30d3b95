/** A fixture desk that remembers what it was asked. */
import { fixtureHost } from "../src/host/fixture";
import { provideHost, type Commands, type Host } from "../src/host/host";

export type Asked = { command: keyof Commands; args: unknown };

export function desk(
  query = "",
  over: Partial<Record<keyof Commands, (args: never) => unknown>> = {},
): Asked[] {
  const inner = fixtureHost(new URLSearchParams(query));
  const asked: Asked[] = [];
  const host: Host = {
    ...inner,
    call: (async (command: keyof Commands, args: never) => {
      asked.push({ command, args });
      const other = over[command];
      return other ? other(args) : (inner.call as (c: string, a: never) => Promise<unknown>)(command, args);
    }) as Host["call"],
  };
  provideHost(host);
  return asked;
}

/** The arguments of every call of a command. */
export function argsOf(asked: Asked[], command: keyof Commands): unknown[] {
  return asked.filter((a) => a.command === command).map((a) => a.args);
}
