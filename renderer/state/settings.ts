import type { Settings } from '#common/settings.ts';
import { useAppState } from './services.ts';

/** The settings, for what is shown only once they are known. */
export function useSettings(): Settings {
  const settings = useAppState(({ snapshot }) => snapshot?.settings);
  if (settings === undefined) throw new Error('a setting was shown before the first snapshot');
  return settings;
}
