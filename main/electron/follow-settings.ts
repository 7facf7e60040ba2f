/** What of the settings acts on the desktop while the app runs; the tray and the window read the others when they need them. */

import { app, nativeTheme } from 'electron';
import type { Snapshot } from '#common/snapshot.ts';
import type { Engine } from '#engine/engine.ts';
import { setApplicationMenu } from './application-menu.ts';
import { changes } from './changes.ts';
import type { Face } from './face.ts';
import type { MainWindow } from './window.ts';
import { desktopWords } from './words.ts';

/** Follows the settings until the app shuts down. Returns what looks at them again, after a tray has come. */
export function followSettings(
  { engine, shutdown, platform, language }: Face,
  window: MainWindow,
  hasTray: () => boolean,
): () => void {
  const followed = [
    follow(engine, {
      pick: ({ settings }) => settings.theme,
      apply(theme) {
        nativeTheme.themeSource = theme;
      },
    }),
    follow(engine, {
      pick: language,
      apply(spoken) {
        setApplicationMenu({
          platform,
          devTools: !app.isPackaged,
          language: spoken,
          showSettings: () => window.show({ view: 'settings' }),
        });
      },
    }),
    follow(engine, {
      // Without the tray setting a missing tray is no problem.
      pick: ({ settings }) => (hasTray() || !settings.closeToTray ? '' : desktopWords[language()].noTray),
      apply: window.setRemark,
    }),
  ];
  for (const { stop } of followed) shutdown.defer(stop);
  return () => {
    for (const { look } of followed) look();
  };
}

export interface Followed<Value extends string> {
  /** What of the Snapshot matters. */
  readonly pick: (snapshot: Snapshot) => Value;
  readonly apply: (value: Value) => void;
}

/** Applies what is picked of the Snapshot now and whenever it is another value, until `stop`; `look` picks at once. */
export function follow<Value extends string>(
  engine: Pick<Engine, 'snapshot' | 'subscribe'>,
  { pick, apply }: Followed<Value>,
): { look(): void; stop(): void } {
  const applyChanged = changes(apply);
  const look = (): void => applyChanged(pick(engine.snapshot()));
  look();
  return { look, stop: engine.subscribe(look) };
}
