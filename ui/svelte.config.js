import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

// Styles are extracted into files: the content security policy refuses injected ones.
export default {
  preprocess: vitePreprocess(),
  compilerOptions: { css: "external", runes: true },
};
