/** A draft's document as the forms edit it: JSON, of which they know some fields and keep all others. */

export type Fields = { [key: string]: unknown };
export type Tier = { below?: string; percent?: string } & Fields;
export type Charge = { amount: string; frequency: string; from: string; in_advance?: boolean } & Fields;
export type Terms = {
  objective?: string;
  internal_objective?: string;
  window?: { calendar?: string; time_zone?: string } & Fields;
  credit?: { tiers?: Tier[] } & Fields;
} & Fields;
export type Selection = { include?: string[]; exclude?: string[] } & Fields;
export type Scope = { paths?: Selection; regions?: Selection } & Fields;
export type Right = {
  windows: number;
  of?: number;
  below?: string;
  down_over_minutes?: string;
  exercise_within_days: number;
  clause?: string;
} & Fields;
export type Line = {
  name: string;
  series: { source: string; service: string };
  scope?: Scope;
  terms: Terms;
  charges: Charge[];
  remedy?: { mode: string; claim_within_days?: number; partial_base?: string } & Fields;
  termination?: Right[];
} & Fields;
export type Version = { number: number; valid_from: string; treatment?: string; lines: Line[] } & Fields;
export type Contract = {
  customer: string;
  number: string;
  legal_entity: string;
  currency: string;
  versions: Version[];
} & Fields;
export type Document = { format: string; contracts: Contract[] } & Fields;

/** Reads a document; null for what the forms can't show, which stays editable as text. */
export function parse(text: string): Document | null {
  try {
    const read = JSON.parse(text) as Partial<Document> | null;
    const contracts = read?.contracts;
    if (!Array.isArray(contracts) || contracts.length !== 1) return null;
    const versions = contracts[0]?.versions;
    if (!Array.isArray(versions) || versions.length !== 1) return null;
    const lines = versions[0]?.lines;
    const whole =
      Array.isArray(lines) && lines.every((line) => line.series && line.terms && Array.isArray(line.charges));
    return whole ? (read as Document) : null;
  } catch {
    return null;
  }
}

export function write(document: Document): string {
  return JSON.stringify(document, null, 2);
}

/** A line to begin with: nothing in it promises anything yet. */
export function emptyLine(zone: string, day: string): Line {
  return {
    name: "",
    series: { source: "", service: "" },
    terms: {
      objective: "",
      window: { calendar: "month", time_zone: zone },
      measure: { uptime: {} },
      credit: { tiers: [{ below: "", percent: "" }] },
    },
    charges: [{ amount: "", frequency: "monthly", from: day }],
    remedy: { mode: "proactive" },
  };
}

/** A contract to begin with. */
export function emptyDocument(from: string): Document {
  return {
    format: "makegood/import/1",
    contracts: [
      {
        customer: "",
        number: "",
        legal_entity: "",
        currency: "EUR",
        versions: [{ number: 1, valid_from: from, lines: [emptyLine("UTC", from.slice(0, 10))] }],
      },
    ],
  };
}

/** Names of a list, as one types them. */
export function names(list: string[] | undefined): string {
  return (list ?? []).join(", ");
}

/** Puts the names that somebody typed into one of a scope's lists; a list without any goes. */
export function select(
  line: Line,
  list: "paths" | "regions",
  side: "include" | "exclude",
  typed: string,
): void {
  const found = typed.split(/[,\n]/).map((name) => name.trim());
  const kept = found.filter((name, at) => name !== "" && found.indexOf(name) === at);
  const selection = { ...line.scope?.[list] };
  delete selection[side];
  if (kept.length > 0) selection[side] = kept;
  const scope = { ...line.scope };
  delete scope[list];
  if (Object.keys(selection).length > 0) scope[list] = selection;
  line.scope = scope;
}

/** Puts a field that may be left out, or takes it away where it is empty. */
export function optional<T extends Fields>(of: T, key: keyof T & string, value: string): void {
  if (value.trim() === "") delete of[key];
  else (of as Fields)[key] = value.trim();
}
