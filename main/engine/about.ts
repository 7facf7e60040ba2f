import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { About } from '#common/diagnostics.ts';

/** What this copy of the app is; the files are named by whoever keeps them. */
export function describeApp(files: Pick<About, 'settingsFile' | 'historyFile'>): About {
  const { node, electron } = process.versions;
  return {
    version: ownVersion(),
    runtime: [`Node.js ${node}`, ...(electron === undefined ? [] : [`Electron ${electron}`])].join(', '),
    platform: `${process.platform} ${process.arch} ${release()}`,
    ...files,
  };
}

/** From the package's own file, which is two folders above this one and above every bundle in dist/ alike. */
function ownVersion(): string {
  try {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    return String(version);
  } catch {
    // Moved out of its package; nothing else depends on it.
    return 'unknown';
  }
}
