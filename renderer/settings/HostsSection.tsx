import { memo, useCallback, useMemo } from 'react';
import type { Host } from '#common/hosts.ts';
import type { Settings } from '#common/settings.ts';
import { HostChooser } from '../components/HostChooser.tsx';
import { HostPatternRow } from '../components/HostPatternRow.tsx';
import { Select, SelectRow } from '../fields/SelectRow.tsx';
import { SettingGroup } from '../fields/SettingRow.tsx';
import { useWords } from '../state/language.ts';
import { useActions, useAppState } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { useHostSwitches } from '../state/use-switches.ts';
import { hostSettingWords } from './host-words.ts';
import { useHostNames } from './use-names.ts';

type Client = Settings['ssh']['transport'];

const noHosts: readonly Host[] = [];

export function HostsSection() {
  const actions = useActions();
  const words = useWords(hostSettingWords);
  const names = useHostNames();
  const { hostPattern, ssh } = useSettings();
  const { isOn, onSwitch } = useHostSwitches();
  const lineOf = useHostLines();
  const clientOf = useCallback((alias: string) => <HostClient alias={alias} />, []);
  return (
    <>
      <SettingGroup help={words.hostsIntro}>
        <HostChooser names={names} isOn={isOn} lineOf={lineOf} onSwitch={onSwitch} more={clientOf} />
      </SettingGroup>
      <SettingGroup>
        <HostPatternRow
          names={names}
          pattern={hostPattern}
          onChange={(pattern) => void actions.changeSettings({ hostPattern: pattern })}
        />
        <SelectRow
          label={words.client}
          help={words.clientHelp}
          value={ssh.transport}
          choices={words.clients}
          onChange={(transport) =>
            void actions.changeSettings((latest) => ({ ssh: { ...latest.ssh, transport } }))
          }
        />
      </SettingGroup>
    </>
  );
}

/** Where each host is, or that the pattern leaves it out. */
function useHostLines(): (alias: string) => string {
  const { leftOut } = useWords(hostSettingWords);
  const { hostPattern } = useSettings();
  const hosts = useAppState(({ snapshot }) => snapshot?.hosts) ?? noHosts;
  return useMemo(() => {
    const pattern = new RegExp(hostPattern);
    const endpoints = new Map(hosts.map(({ alias, endpoint }) => [alias, endpoint]));
    return (alias) => {
      const endpoint = endpoints.get(alias);
      if (!pattern.test(alias)) return leftOut;
      return endpoint ? `${endpoint.user}@${endpoint.hostname}` : '';
    };
  }, [hosts, hostPattern, leftOut]);
}

/** The client for one host; it follows the choice for all until it has one of its own. */
const HostClient = memo(function HostClient({ alias }: { readonly alias: string }) {
  const actions = useActions();
  const words = useWords(hostSettingWords);
  const own = useSettings().ssh.hosts[alias];
  const choices: Readonly<Record<Client | 'all', string>> = { all: words.clientAsAll, ...words.clients };
  const choose = (chosen: Client | 'all') =>
    void actions.changeSettings(({ ssh }) => {
      const { [alias]: _, ...others } = ssh.hosts;
      return { ssh: { ...ssh, hosts: chosen === 'all' ? others : { ...others, [alias]: chosen } } };
    });
  return (
    <Select
      aria-label={words.clientOf(alias)}
      data-own={own !== undefined}
      value={own ?? 'all'}
      choices={choices}
      onChange={choose}
    />
  );
});
