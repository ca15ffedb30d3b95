/** The desk behind Tauri's IPC. The only file that imports Tauri. */

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import type { Commands, Events, Host, Unlisten } from "./host";

export const tauriHost: Host = {
  call<C extends keyof Commands>(
    command: C,
    ...args: Parameters<Commands[C]>
  ): Promise<ReturnType<Commands[C]>> {
    return invoke<ReturnType<Commands[C]>>(command, args[0]);
  },
  listen<E extends keyof Events>(event: E, heard: (payload: Events[E]) => void): Promise<Unlisten> {
    return listen<Events[E]>(event, (message) => heard(message.payload));
  },
  onDrop(dropped: (paths: string[]) => void): Promise<Unlisten> {
    return getCurrentWebview().onDragDropEvent((event) => {
      if (event.payload.type === "drop") dropped(event.payload.paths);
    });
  },
};
