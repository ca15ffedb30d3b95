import type { Problem } from "../host/types";

const unreadable: Problem = {
  code: "text_invalid",
  message: "The file is not UTF-8; save it as CSV UTF-8",
};

/** The text of a file that was chosen. One in another encoding is refused: its letters would be lost. */
export async function textOf(file: Blob): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable;
  }
}
