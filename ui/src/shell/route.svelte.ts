/** Where one is: `#/breaches/<id>/<part>?tab=decided`. A hash, so that a reload stays in place. */

export type Route = { screen: string; id: string | null; part: string | null; query: URLSearchParams };

function parse(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [screen = "", id, part] = path.split("/").map(decodeURIComponent);
  return { screen, id: id || null, part: part || null, query: new URLSearchParams(search) };
}

let current = $state.raw(parse(location.hash));

addEventListener("hashchange", () => {
  current = parse(location.hash);
});

/** The route on screen; reactive. */
export function route(): Route {
  return current;
}

type Query = Record<string, string | null | undefined>;

/** The address of a screen. */
export function href(screen: string, id?: string | null, query: Query = {}, part?: string | null): string {
  const path = [screen, id, part].filter((p): p is string => typeof p === "string" && p !== "");
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value) search.set(key, value);
  const tail = search.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${tail ? `?${tail}` : ""}`;
}

/** Goes there; `replace` leaves no step in the history (moving a selection). */
export function go(target: string, replace = false): void {
  if (location.hash === target) return;
  if (replace) {
    history.replaceState(null, "", target);
    current = parse(target);
  } else {
    location.hash = target;
    current = parse(target);
  }
}

/** What an address names, where it is one of these: it may be typed by hand. */
export function oneOf<K extends string>(
  these: Record<K, unknown> | readonly K[],
  named: string | null,
): K | null {
  const keys = (Array.isArray(these) ? these : Object.keys(these)) as readonly string[];
  return named !== null && keys.includes(named) ? (named as K) : null;
}
