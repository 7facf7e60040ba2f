import { useCallback, useMemo } from 'react';
import { frameWords } from '../lib/frame-words.ts';
import type { SettingsEdit } from './actions.ts';
import { useWords } from './language.ts';
import { useActions } from './services.ts';
import { useSettings } from './settings.ts';

export interface HostSwitches {
  readonly isOn: (alias: string) => boolean;
  readonly onSwitch: (aliases: readonly string[], on: boolean) => void;
}

/** The switches of the hosts; what is switched off can be taken back. */
export function useHostSwitches(): HostSwitches {
  const actions = useActions();
  const words = useWords(frameWords);
  const { excludedHosts } = useSettings();
  const off = useMemo(() => new Set(excludedHosts), [excludedHosts]);
  const isOn = useCallback((alias: string) => !off.has(alias), [off]);
  const onSwitch = useCallback(
    (aliases: readonly string[], on: boolean) => {
      const [first] = aliases;
      if (first === undefined) return;
      const title = aliases.length === 1 ? words.hostOff(first) : words.hostsOff(aliases.length);
      void actions.changeSettings(
        switching(aliases, on),
        on ? undefined : { title, undo: switching(aliases, true) },
      );
    },
    [actions, words],
  );
  return { isOn, onSwitch };
}

function switching(aliases: readonly string[], on: boolean): SettingsEdit {
  const named = new Set(aliases);
  return ({ excludedHosts }) => {
    const others = excludedHosts.filter((alias) => !named.has(alias));
    return { excludedHosts: on ? others : [...others, ...aliases] };
  };
}
