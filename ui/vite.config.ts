import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

// `pages` builds the same screens over the fixture host, for page tests and pictures. It never
// goes into the shipped bundle: another entry, another folder.
export default defineConfig(({ mode }) => {
  const pages = mode === "pages";
  return {
    plugins: [svelte(), svelteTesting()],
    base: "./",
    clearScreen: false,
    server: { port: 5183, strictPort: true },
    preview: { port: 5184, strictPort: true },
    build: {
      target: "safari15",
      outDir: pages ? "dist-pages" : "dist",
      emptyOutDir: true,
      // A font or picture inlined as data: would be refused by the policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: pages ? "fixture.html" : "index.html" },
    },
    test: {
      environment: "jsdom",
      include: ["tests/**/*.test.ts"],
      setupFiles: ["tests/setup.ts"],
      // What never ends fails all the same; a busy machine alone fails nothing.
      testTimeout: 30_000,
    },
  };
});
