import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { About } from '#common/diagnostics.ts';

/** What this copy of the app is; the code that keeps the files names them. */
export function describeApp(files: Pick<About, 'settingsFile' | 'historyFile'>): About {
  const { node, electron } = process.versions;
  return {
    version: ownVersion(),
    runtime: [`Node.js ${node}`, ...(electron === undefined ? [] : [`Electron ${electron}`])].join(', '),
    platform: `${process.platform} ${process.arch} ${release()}`,
    ...files,
  };
}

/** The app's version; `unknown` where its package is not there. From the package's own file, which is two folders above every bundle in dist/ and three above this one. */
export function ownVersion(): string {
  for (const above of ['../..', '../../..']) {
    try {
      const file = new URL(`${above}/package.json`, import.meta.url);
      const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
      if (name === 'vllm-tray') return String(version);
    } catch {
      // Not there, or moved out of its package: nothing else depends on it.
    }
  }
  return 'unknown';
}
