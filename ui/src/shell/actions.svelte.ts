/**
 * What can be done now. A screen declares its actions once; keys, the command palette, the footer's
 * hints and the list of all keys are read from them. A disabled action stays listed, with the reason.
 */

export type Action = {
  id: string;
  label: string;
  /** `j`, `Enter`, `shift+a`, `g p`. */
  key?: string;
  /** Other keys that do the same: `ArrowDown`. */
  also?: string[];
  /** Stands in the footer under this word. */
  hint?: string;
  /** Not in the palette: moving about. */
  silent?: boolean;
  enabled?: boolean;
  reason?: string | null;
  run: () => void;
};

type Layer = { list: () => Action[]; modal: boolean };
// Plain, with a counter beside it: while a component goes, Svelte lets it read states as they were
// before, so that filtering a reactive list there would lose what others have just added.
const layers: Layer[] = [];
let turn = 0;
let turned = $state(0);

/** Adds actions while the component lives; a modal layer hides those below it. */
export function useActions(list: () => Action[], modal = false): void {
  $effect.pre(() => {
    const layer: Layer = { list, modal };
    layers.push(layer);
    turned = ++turn;
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      turned = ++turn;
    };
  });
}

/** Moving about in a list, row by row; `what` is one of its rows. */
export function moves(what: string, step: (by: number) => void): Action[] {
  const move = { hint: "Move", silent: true };
  return [
    { ...move, id: "next", label: `Next ${what}`.trim(), key: "j", also: ["ArrowDown"], run: () => step(1) },
    {
      ...move,
      id: "previous",
      label: `Previous ${what}`.trim(),
      key: "k",
      also: ["ArrowUp"],
      run: () => step(-1),
    },
  ];
}

/** Every action in reach, the topmost layer first. */
export function actions(): Action[] {
  void turned;
  const found: Action[] = [];
  for (let i = layers.length - 1; i >= 0; i -= 1) {
    const layer = layers[i];
    if (!layer) continue;
    found.push(...layer.list());
    if (layer.modal) break;
  }
  return found;
}

/** Whether keys go into a field, where letters are letters. */
function inField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
    ? !(target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type))
    : false;
}

let prefix: string | null = null;

function named(event: KeyboardEvent): string {
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const shifted = event.shiftKey && /^[a-z]$/.test(letter) ? `shift+${letter}` : letter;
  return event.ctrlKey || event.metaKey ? `mod+${letter}` : shifted;
}

/** Runs the action whose key this is. Enter and space on a button or link stay theirs. */
export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  // A key that is held moves on and on, and decides once.
  if (event.repeat && !/^Arrow|^[jk]$/.test(event.key)) return;
  const name = named(event);
  const field = inField(event.target);
  if (field && name !== "Escape" && !name.startsWith("mod+")) return;
  const onControl =
    event.target instanceof Element && event.target.closest("a[href], button, summary") !== null;
  if (name === "Enter" && onControl) return;
  const wanted = prefix === null ? name : `${prefix} ${name}`;
  prefix = null;
  const all = actions();
  const action = all.find((a) => a.key === wanted || a.also?.includes(wanted));
  if (action) {
    event.preventDefault();
    if (action.enabled !== false) action.run();
    return;
  }
  if (name === "g" && all.some((a) => a.key?.startsWith("g "))) prefix = "g";
}

/** How a key is written on a cap. */
export function caps(key: string): string[] {
  const written: Record<string, string> = {
    Enter: "↵",
    Escape: "Esc",
    ArrowDown: "↓",
    ArrowUp: "↑",
    ArrowLeft: "←",
    ArrowRight: "→",
    " ": "Space",
  };
  if (key.startsWith("shift+")) return ["⇧", key.slice(6).toUpperCase()];
  if (key.startsWith("mod+")) return [`${isMac() ? "⌘" : "Ctrl "}${key.slice(4).toUpperCase()}`];
  return key.split(" ").map((k) => written[k] ?? (k.length === 1 ? k.toUpperCase() : k));
}

/** Whether the command key is the Mac's. */
export function isMac(): boolean {
  return /Mac/.test(navigator.platform);
}
