import { useState } from 'react';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'vllm-tray.theme';

/** The kept choice; `system` where there is none, or where storage is refused. */
export function readTheme(): Theme {
  try {
    return themes.find((theme) => theme === window.localStorage.getItem(key)) ?? 'system';
  } catch {
    // A browser may refuse storage altogether; the choice then lasts as long as the page.
    return 'system';
  }
}

/** Sets the page's theme; the style sheet follows the system unless `data-theme` says otherwise. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(readTheme);
  const choose = (chosen: Theme) => {
    setTheme(chosen);
    applyTheme(chosen);
    try {
      window.localStorage.setItem(key, chosen);
    } catch {
      // See readTheme.
    }
  };
  return [theme, choose];
}
