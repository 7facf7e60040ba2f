import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const node = (name: string, extra: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], ...extra },
});

// One project per suite of the test folder; `npm test` runs all, `npm run unit` the fast ones.
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  plugins: [react()],
  test: {
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // It imports `electron`, which is to be the tests' double.
    server: { deps: { inline: ['electron-store'] } },
    projects: [
      node('unit', { testTimeout: 10_000 }),
      node('contract'),
      node('engine', { exclude: ['test/engine/elsewhere/**'] }),
      // What looks at all ports and programs of this computer, and counts who is asked: nothing else may look meanwhile.
      node('elsewhere', { include: ['test/engine/elsewhere/**/*.test.ts'], fileParallelism: false }),
      node('electron'),
      node('lab', { testTimeout: 120_000, hookTimeout: 120_000 }),
      node('e2e', { testTimeout: 120_000, hookTimeout: 120_000 }),
      {
        extends: true as const,
        test: { name: 'renderer', include: ['test/renderer/**/*.test.{ts,tsx}'], environment: 'happy-dom' },
      },
    ],
  },
});
