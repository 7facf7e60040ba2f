import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { classNamesAlone } from './class-names.ts';

const node = (name: string, extra: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], ...extra },
});

// What a random test finds must not depend on luck: the seed is said, and can be given, as can be how many times as many cases.
const seed = process.env.PROPERTY_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
const factor = Number(process.env.PROPERTY_FACTOR ?? 1);
if (process.env.PROPERTY_SEED === undefined) {
  process.env.PROPERTY_SEED = seed;
  console.log(`The property tests begin at PROPERTY_SEED=${seed}`);
}

// One project per suite of the test folder; `npm test` runs all, `npm run unit` the fast ones.
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  plugins: [react(), classNamesAlone],
  test: {
    maxWorkers: '100%',
    // What a test prints is shown when it fails; `--silent=false` shows the tables and figures of the others too.
    silent: 'passed-only',
    // A test that hangs is found; one that calculates may share its processor with ten others.
    testTimeout: 120_000 * factor,
    hookTimeout: 120_000,
    // What is waited for comes late on a busy computer; one second would measure that.
    expect: { poll: { timeout: 20_000 } },
    setupFiles: ['test/support/patience.ts'],
    // It imports `electron`, which is to be the tests' double.
    server: { deps: { inline: ['electron-store'] } },
    projects: [
      // They touch nothing outside, so that many of them can have one process: to start one takes longer than most of their tests.
      node('unit', {
        setupFiles: ['test/unit/nothing-outside.ts', 'test/support/properties.ts'],
        isolate: false,
      }),
      node('contract'),
      node('engine', { exclude: ['test/engine/this-computer/**'] }),
      // What looks at all ports and programs of this computer, and counts who is asked: nothing else may look meanwhile.
      node('this-computer', { include: ['test/engine/this-computer/**/*.test.ts'], fileParallelism: false }),
      node('electron'),
      node('lab', { exclude: ['test/lab/browser/**'] }),
      // A browser ends what it loads by ERR_NETWORK_CHANGED when another suite makes its networks meanwhile.
      node('lab-browser', {
        include: ['test/lab/browser/**/*.test.ts'],
        testTimeout: 120_000,
        hookTimeout: 120_000,
        fileParallelism: false,
      }),
      // The same hosts end in the same states with the crypto that Electron has.
      node('electron-crypto', {
        include: ['test/lab/faults.test.ts'],
        setupFiles: ['test/lab/electron-crypto.ts'],
        testTimeout: 120_000,
        hookTimeout: 120_000,
      }),
      // Node for Windows under Wine: one prefix for the suite, and one program in it after the other.
      node('windows', {
        testTimeout: 120_000,
        hookTimeout: 180_000,
        fileParallelism: false,
        globalSetup: ['test/windows/prefix.ts'],
      }),
      node('e2e'),
      {
        extends: true as const,
        test: {
          name: 'renderer',
          include: ['test/renderer/**/*.test.{ts,tsx}'],
          environment: 'happy-dom',
          setupFiles: ['test/renderer/patience.ts'],
        },
      },
    ],
  },
});
