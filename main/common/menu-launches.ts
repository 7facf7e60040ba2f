/** Launches in the tray: those that run, and the profiles that start one with a click. Pure. */

import { isLive } from './launches.ts';
import { action, type MenuContext, type MenuEntry, section, separator, show } from './menu-entry.ts';
import { plainText } from './text.ts';
import { stageText } from './words/launches.ts';

/** Nothing where there is neither. */
export function launchesMenu({ snapshot, language, words }: MenuContext): readonly MenuEntry[] {
  const { launches, settings } = snapshot;
  const running = launches
    .filter(isLive)
    .map((launch) =>
      show(
        `launch ${launch.id}`,
        `${plainText(launch.model ?? launch.name, 60)} · ${launch.hostId}   ${stageText(launch.stage, language)}`,
        { view: 'models', id: launch.id },
      ),
    );
  const profiles = settings.launchProfiles.map(({ id, name }) =>
    action(`profile ${id}`, words.serveProfile(plainText(name, 60)), {
      name: 'launch.startProfile',
      input: { profileId: id },
    }),
  );
  if (running.length + profiles.length === 0) return [];
  const entries = [
    ...profiles,
    ...(profiles.length > 0 && running.length > 0 ? [separator] : []),
    ...running,
  ];
  return [section({ id: 'launches', title: words.launches, entries, empty: '', words })];
}
