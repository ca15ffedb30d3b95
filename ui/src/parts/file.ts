import type { Problem } from "../host/types";

const unreadable: Problem = {
  code: "text_invalid",
  message: "The file is not UTF-8. Save it as CSV UTF-8.",
};

/**
 * The text of the file that somebody chose; null where none was. One in another encoding is refused, as its letters
 * would be lost: then there is no text, since what stood there is not what was chosen.
 */
export async function textChosen(
  input: HTMLInputElement,
): Promise<{ text: string; problem: Problem | null } | null> {
  const file = input.files?.[0];
  if (!file) return null;
  try {
    const bytes = await file.arrayBuffer();
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), problem: null };
  } catch {
    return { text: "", problem: unreadable };
  }
}

/** Before a file is chosen: the one that was chosen before, once mended, can be chosen again. */
export function chooseAnew(event: Event & { currentTarget: HTMLInputElement }): void {
  event.currentTarget.value = "";
}
