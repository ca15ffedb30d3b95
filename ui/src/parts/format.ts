/** A percentage as it stands on screens: a narrow no-break space before the sign. */
export function percent(text: string | null): string {
  return text === null ? "–" : `${text}\u202f%`;
}

/** `2026-10-14T03:55:00Z`, as a field for a time shows it: `2026-10-14 03:55`. Both are UTC. */
export function timeField(at: string | null | undefined): string {
  return at?.slice(0, 16).replace("T", " ") ?? "";
}

/** The instant that a field for a time names; null where it names none. */
export function timeOf(text: string): string | null {
  const trimmed = text.trim();
  return /^\d{4}-\d\d-\d\d \d\d:\d\d$/.test(trimmed) ? `${trimmed.replace(" ", "T")}:00Z` : null;
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
