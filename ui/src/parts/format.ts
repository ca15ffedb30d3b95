/** A percentage as it stands on screens: a narrow no-break space before the sign. */
export function percent(text: string | null): string {
  return text === null ? "–" : `${text}\u202f%`;
}
