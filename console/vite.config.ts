import { defineConfig } from "vite";

// No inline scripts or styles and no data: fonts, for the console's Content-Security-Policy forbids them.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    target: "es2021",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    emptyOutDir: true,
  },
  server: { proxy: { "/api": "http://127.0.0.1:7380" } },
});
