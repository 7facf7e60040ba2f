import { useEffect } from 'react';
import type { Settings } from '#common/settings.ts';
import { useAppState } from './services.ts';

export const themes = ['system', 'light', 'dark'] as const satisfies readonly Settings['theme'][];
export type Look = Pick<Settings, 'theme' | 'contrast'>;

const key = 'vllm-tray.look';

/**
 * Sets the page's look; the style sheet follows the system unless `data-theme` or `data-contrast` says otherwise. It is
 * also kept in the page's own storage, so that the first paint of the next time has it before the settings arrive.
 */
export function applyLook({ theme, contrast }: Look): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
  if (contrast === 'system') delete dataset.contrast;
  else dataset.contrast = contrast;
  try {
    window.localStorage.setItem(key, JSON.stringify({ theme, contrast }));
  } catch {
    // A browser may refuse storage altogether; the look then arrives with the settings.
  }
}

/** What the page kept of the look; the system's where there is nothing, or nothing usable. */
export function keptLook(): Look {
  try {
    const kept: unknown = JSON.parse(window.localStorage.getItem(key) ?? '{}');
    const { theme, contrast } = kept as Partial<Record<keyof Look, unknown>>;
    return {
      theme: themes.find((one) => one === theme) ?? 'system',
      contrast: contrast === 'more' ? 'more' : 'system',
    };
  } catch {
    // Refused, or not written by this app.
    return { theme: 'system', contrast: 'system' };
  }
}

/** Follows the settings, once they are known. */
export function useLook(): void {
  const theme = useAppState(({ snapshot }) => snapshot?.settings.theme);
  const contrast = useAppState(({ snapshot }) => snapshot?.settings.contrast);
  useEffect(() => {
    if (theme !== undefined && contrast !== undefined) applyLook({ theme, contrast });
  }, [theme, contrast]);
}
