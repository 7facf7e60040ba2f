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

interface Modules {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/**
 * Names the one script of what the page imports before its first paint; else what each later part shares with it would be a
 * script of its own, and twenty small ones pack worse.
 */
function firstScript(id: string, modules: Modules): string | null {
  const main = path('../renderer/main.tsx');
  const found = new Set([main]);
  for (const one of found)
    for (const imported of modules.getModuleInfo(one)?.importedIds ?? []) found.add(imported);
  return found.has(id) && id !== main ? 'first' : null;
}

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
        output: { codeSplitting: { groups: [{ name: firstScript }] } },
        treeshake: { moduleSideEffects: [{ test: /\/main\/common\//, sideEffects: false }] },
      },
    },
  };
});
