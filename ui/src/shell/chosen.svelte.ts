/**
 * Which row of a list is selected: the first, until another is taken. It stays the selected one wherever the
 * list moves it; when it goes, the next of those that stood around it takes its place. A selection never
 * jumps elsewhere by itself: a key might decide what nobody looked at.
 */
export class Chosen<R> {
  // Plain, with a counter beside it, so that what is shown can be noted while it is read.
  #key: string | null = null;
  #before: R[] = [];
  #asked: string | null = null;
  #turn = 0;
  #turned = $state(0);

  /** `asked`: a row that the address names. */
  constructor(
    readonly rows: () => R[],
    readonly id: (row: R) => string,
    readonly asked: () => string | null = () => null,
  ) {}

  get row(): R | null {
    void this.#turned;
    const asked = this.asked();
    if (asked !== this.#asked) this.#key = this.#asked = asked;
    const rows = this.rows();
    const first = rows[0];
    // Nothing is forgotten while a list is empty.
    if (first === undefined) return null;
    const found = rows.find((one) => this.id(one) === this.#key) ?? this.#neighbour(rows);
    // Another than the one that was asked for would be taken for it.
    if (found === undefined && asked !== null && asked === this.#key) return null;
    return this.#note(found ?? first, rows);
  }

  #note(found: R, rows: R[]): R {
    this.#key = this.id(found);
    this.#before = rows;
    return found;
  }

  get key(): string | null {
    const row = this.row;
    return row === null ? null : this.id(row);
  }

  take = (row: R): void => {
    this.#key = this.id(row);
    this.#turned = ++this.#turn;
  };

  /** The row that is so many further; none at the ends. */
  step = (by: number): void => {
    const next = this.further(by);
    if (next) this.take(next);
  };

  further(by: number): R | null {
    const rows = this.rows();
    const key = this.key;
    return rows[rows.findIndex((one) => this.id(one) === key) + by] ?? null;
  }

  /** The row that followed the one that is gone, or else preceded it, as far as it is left. */
  #neighbour(rows: R[]): R | undefined {
    const before = this.#before.map((one) => this.id(one));
    const at = this.#key === null ? -1 : before.indexOf(this.#key);
    if (at < 0) return undefined;
    const left = new Map(rows.map((one) => [this.id(one), one]));
    const around = [...before.slice(at + 1), ...before.slice(0, at).reverse()];
    const key = around.find((one) => left.has(one));
    return key === undefined ? undefined : left.get(key);
  }
}
