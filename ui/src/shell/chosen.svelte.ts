/**
 * Which row of a list is selected: the one that was chosen while it is there, else the one that stands in its
 * place; before anything was chosen, the first.
 */
export class Chosen<R> {
  #chosen = $state<string | null>(null);
  #at = $state(0);

  constructor(
    readonly rows: () => R[],
    readonly id: (row: R) => string,
  ) {}

  get row(): R | null {
    const rows = this.rows();
    const chosen = rows.find((one) => this.id(one) === this.#chosen);
    return chosen ?? rows[Math.min(this.#at, rows.length - 1)] ?? null;
  }

  get key(): string | null {
    return this.row === null ? null : this.id(this.row);
  }

  take = (row: R): void => {
    this.#chosen = this.id(row);
    this.#at = Math.max(
      0,
      this.rows().findIndex((one) => this.id(one) === this.#chosen),
    );
  };

  /** The row that is so many further; none at the ends. */
  step = (by: number): void => {
    const rows = this.rows();
    const next = rows[rows.findIndex((one) => this.id(one) === this.key) + by];
    if (next) this.take(next);
  };
}
