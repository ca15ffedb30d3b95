/** Which row of a list is selected: the one that was chosen while it is there, else the first. */
export class Chosen<R> {
  #chosen = $state<string | null>(null);

  constructor(
    readonly rows: () => R[],
    readonly id: (row: R) => string,
  ) {}

  get row(): R | null {
    const rows = this.rows();
    return rows.find((one) => this.id(one) === this.#chosen) ?? rows[0] ?? null;
  }

  get key(): string | null {
    return this.row === null ? null : this.id(this.row);
  }

  take = (row: R): void => {
    this.#chosen = this.id(row);
  };

  /** The row that is so many further; none at the ends. */
  step = (by: number): void => {
    const rows = this.rows();
    const next = rows[rows.findIndex((one) => this.id(one) === this.key) + by];
    if (next) this.take(next);
  };
}
