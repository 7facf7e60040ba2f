import type { FaceHandlers } from '#common/contract.ts';
import type { Host } from '#common/hosts.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import { createEngine, type Engine } from '#engine/engine.ts';
import type { EngineDeps } from '#engine/parts.ts';

export interface EngineOptions extends Partial<Omit<EngineDeps, 'settings'>> {
  /** Instead of the default ones. */
  readonly settings?: Partial<Settings>;
}

/** An engine on this configuration, with the default settings, no log and an empty home unless the options say otherwise. */
export function engineFor(sshConfigPath: string, { settings, ...deps }: EngineOptions = {}): Engine {
  return createEngine({
    source: { kind: 'ssh-config', path: sshConfigPath },
    sshConfigPath,
    log: () => undefined,
    home: '/nonexistent-home',
    env: { PATH: process.env.PATH },
    ...deps,
    settings: { ...defaultSettings, ...settings },
  });
}

/** The host of that alias as the engine has it now; throws when there is none. */
export function hostOf(engine: Engine, alias: string): Host {
  const found = engine.snapshot().hosts.find((host) => host.alias === alias);
  if (found === undefined) throw new Error(`no host ${alias}`);
  return found;
}

/** What a face answers, where there is none. */
export const noFace: FaceHandlers = {
  'app.showWindow': () => undefined,
  'app.copyText': () => undefined,
  'app.openDocs': () => undefined,
  'app.openTerminal': () => undefined,
  'app.openDemo': () => null,
  'app.quit': () => undefined,
};
