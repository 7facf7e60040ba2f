import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { cssModules } from './class-names.ts';

const path = (relative: string) => new URL(relative, import.meta.url).pathname;

/** Holds the first paint until the script has run, so that a chosen theme and the shell never flash in afterwards. */
const renderBlocking: Plugin = {
  name: 'render-blocking',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
  },
};

// The window must load under `default-src 'none'; script-src 'self'; style-src 'self'`: no inline script, style or data: asset.
export default defineConfig(({ command }) => {
  // A build started from a test run inherits NODE_ENV=test, which would bundle React's development half: twice the size.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    root: path('../renderer'),
    base: './',
    cacheDir: path('../dist/.vite'),
    plugins: [react(), renderBlocking],
    css: { modules: cssModules },
    build: {
      outDir: path('../dist/renderer'),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // The common layer is pure, so what the window does not use of it (the host end of the contract) stays out of it.
      rolldownOptions: {
        treeshake: { moduleSideEffects: [{ test: /\/main\/common\//, sideEffects: false }] },
      },
    },
  };
});
