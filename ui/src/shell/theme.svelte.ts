/** Follows the system's theme unless the person chose one. */
import type { Theme } from "../host/types";

export function followTheme(chosen: () => Theme): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = (): void => {
    const theme = chosen();
    const dark = theme === "dark" || (theme === "system" && system.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  };
  $effect(() => {
    apply();
    system.addEventListener("change", apply);
    return () => system.removeEventListener("change", apply);
  });
}
