import { defineConfig } from 'vite';

// The server's content policy allows no inline script or style: everything goes into files.
export default defineConfig({
  base: '/',
  build: {
    outDir: '../obj/page',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    chunkSizeWarningLimit: 1500,
  },
});
