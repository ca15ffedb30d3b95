/**
 * Focus that would be lost. What had it goes: a row that somebody else decided, a button that did its
 * work, what opened a dialog. Keys would then begin at the top of the window, and a screen reader would
 * fall silent: instead, focus goes to the row that is current nearest to where it was, else to the page.
 */

/** Where focus was: the element, what it lies in, and which row of its list. */
type Place = { element: HTMLElement; within: Element[]; at: number };

const row = "[data-row]";
const fields = ".content :is(input, select, textarea), button[type=submit]";

function placeOf(element: HTMLElement): Place {
  const within: Element[] = [];
  for (let up = element.parentElement; up; up = up.parentElement) within.push(up);
  const own = element.closest(row);
  const at = own?.parentElement ? [...own.parentElement.querySelectorAll(row)].indexOf(own) : -1;
  return { element, within, at };
}

/** The row of the list that focus was in, or of the nearest one that is left. */
function rowNear(place: Place): HTMLElement | null {
  for (const up of place.within) {
    if (!up.isConnected) continue;
    const current = up.querySelector<HTMLElement>(`${row}[tabindex="0"]`);
    if (current) return current;
    const rows = up.querySelectorAll<HTMLElement>(`${row}[tabindex]`);
    if (rows.length > 0) return rows[Math.min(Math.max(place.at, 0), rows.length - 1)] ?? null;
    if (up.tagName === "MAIN" || up.tagName === "DIALOG") break;
  }
  return null;
}

function rescue(place: Place): void {
  if (place.element.isConnected) return place.element.focus();
  const found = rowNear(place);
  if (found) return found.focus();
  const left = [...document.querySelectorAll<HTMLElement>("dialog[open], main")].at(-1);
  if (!left) return;
  const field = left.tagName === "DIALOG" && left.querySelector<HTMLElement>(fields);
  if (field) return field.focus();
  left.tabIndex = -1;
  left.focus({ preventScroll: true });
}

/** Keeps focus from falling out of the page; answers how to stop. */
export function keepFocus(): () => void {
  let last: Place | null = null;
  const focused = (event: FocusEvent): void => {
    if (event.target instanceof HTMLElement) last = placeOf(event.target);
  };
  const watch = new MutationObserver((changes) => {
    const place = last;
    if (place === null || (document.activeElement ?? document.body) !== document.body) return;
    const gone = changes.some((c) => [...c.removedNodes].some((node) => node.contains(place.element)));
    if (gone) rescue(place);
  });
  document.addEventListener("focusin", focused);
  watch.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener("focusin", focused);
    watch.disconnect();
  };
}
