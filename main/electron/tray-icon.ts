import path from 'node:path';
import type { Forward } from '#common/forwards.ts';
import { assertNever, type Snapshot } from '#common/model.ts';
import { isUp, totals } from '#common/select.ts';

/** What the icon says by its shape. */
export type TrayShape = 'idle' | 'none' | 'attention';

/**
 * `attention` when something broke that worked or should (a forward, a host key that changed, every host at once), or when a
 * login that the person has begun waits for an answer. What is everyday life on a cluster does not raise the flag, or nobody
 * would see any more that GPUs are free: a host that is off, one to log in to, a host key that nobody has accepted yet. The
 * menu and the window say those.
 */
export function trayShape(snapshot: Snapshot): TrayShape {
  const { hosts, forwards, scan, prompts } = snapshot;
  const scanned = scan.kind === 'done' && hosts.length > 0;
  if (
    prompts.length > 0 ||
    forwards.some(isBroken) ||
    hosts.some((host) => host.state.kind === 'hostkey-changed') ||
    (scanned && !hosts.some((host) => isUp(host.state)))
  ) {
    return 'attention';
  }
  return totals(snapshot).idleGpus > 0 ? 'idle' : 'none';
}

function isBroken({ state, lastError }: Forward): boolean {
  switch (state.kind) {
    case 'failed':
    case 'retrying':
      return true;
    case 'opening':
    case 'listening':
      return lastError !== null;
    default:
      return assertNever(state);
  }
}

/**
 * The icon file of a shape, in the form its platform asks for: macOS tints a black template to suit its menu bar, Windows
 * picks its size from an ICO, and beside a PNG Electron finds the @2x one. The colours are seen on dark and light panels.
 */
export function trayIconFile(iconsDir: string, shape: TrayShape, platform: NodeJS.Platform): string {
  const endings: Partial<Record<NodeJS.Platform, string>> = { darwin: 'Template.png', win32: '.ico' };
  return path.join(iconsDir, `${shape}${endings[platform] ?? '.png'}`);
}
