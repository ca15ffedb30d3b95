/** A percentage as it stands on screens: a narrow no-break space before the sign. */
export function percent(text: string | null): string {
  return text === null ? "–" : `${text}\u202f%`;
}

/**
 * `2026-10-14T03:55:00Z`, as a field for a time shows it: `2026-10-14 03:55`, and its seconds where it has some, for
 * they are counted. Both are UTC.
 */
export function timeField(at: string | null | undefined): string {
  return at?.replace("T", " ").replace(/(:00)?Z$/, "") ?? "";
}

/** The instant that a field for a time names; null where it names none. */
export function timeOf(text: string): string | null {
  const [, day, clock, seconds] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d)(:\d\d)?$/.exec(text.trim()) ?? [];
  return day && clock ? `${day}T${clock}${seconds ?? ":00"}Z` : null;
}

/** Whether a field for a day names one by its shape: `2026-11-16`. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text.trim());
}

/** Whether each word of a filter stands in one of these texts, however it is written. */
export function holds(filter: string, ...texts: (string | null | undefined)[]): boolean {
  const all = texts.join(" ").toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
