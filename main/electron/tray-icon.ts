import path from 'node:path';
import type { TrayShape } from '#common/shape.ts';

/**
 * The icon file of a shape, in the form its platform asks for: macOS tints a black template to suit its menu bar, Windows
 * picks its size from an ICO, and beside a PNG Electron finds the @2x one. The colours are seen on dark and light panels.
 */
export function trayIconFile(iconsDir: string, shape: TrayShape, platform: NodeJS.Platform): string {
  const endings: Partial<Record<NodeJS.Platform, string>> = { darwin: 'Template.png', win32: '.ico' };
  return path.join(iconsDir, `${shape}${endings[platform] ?? '.png'}`);
}
