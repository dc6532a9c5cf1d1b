import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `npm run dev` sends API calls: the program as `make run` starts it, or another one.
const api = process.env.KVADRANT_API ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    // A folder of its own inside dist, so that emptying it spares dist/.gitkeep.
    outDir: "dist/app",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 800,
  },
  server: { host: "127.0.0.1", port: 5180, strictPort: true, proxy: { "/api": api } },
  preview: { host: "127.0.0.1", port: 5182, strictPort: true, proxy: { "/api": api } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], setupFiles: ["src/app/test-setup.ts"], css: false, testTimeout: 30_000 },
});
