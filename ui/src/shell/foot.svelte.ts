/** The remark at the footer's right: row counts, when the measurement locks. */
export const foot = $state({ note: "" });

/** Keeps the footer's remark while the component lives. */
export function useFoot(note: () => string): void {
  $effect(() => {
    foot.note = note();
    return () => {
      foot.note = "";
    };
  });
}
