import { settingsBounds } from '#common/bounds.ts';
import type { Settings } from '#common/settings.ts';
import { NamesRow } from '../fields/NamesRow.tsx';
import { SettingGroup } from '../fields/SettingRow.tsx';
import { SwitchRow } from '../fields/Switch.tsx';
import { fieldWords } from '../fields/words.ts';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { GroupNumber } from './GroupNumber.tsx';
import { readGlob } from './names.ts';
import { PortRangeRow } from './PortRangeRow.tsx';
import { useHostNames, useModelNames } from './use-names.ts';
import { settingsWords } from './words.ts';

type AutoForward = Settings['autoForward'];

export function ForwardsSection() {
  const words = useWords(settingsWords);
  return (
    <>
      <SettingGroup>
        <PortRangeRow />
      </SettingGroup>
      <SettingGroup title={words.autoForward}>
        <AutoForwardRows />
      </SettingGroup>
    </>
  );
}

function AutoForwardRows() {
  const actions = useActions();
  const words = useWords(settingsWords);
  const { badName } = useWords(fieldWords);
  const { autoForward: rules } = useSettings();
  const hosts = useHostNames();
  const models = useModelNames();
  const set = (change: Partial<AutoForward>) =>
    void actions.changeSettings(({ autoForward }) => ({ autoForward: { ...autoForward, ...change } }));
  const list = (name: 'allowHosts' | 'denyHosts' | 'allowModels' | 'denyModels') => ({
    label: words[name],
    placeholder: name.endsWith('Hosts') ? words.globHint : words.modelHint,
    offers: name.endsWith('Hosts') ? hosts : models,
    help: name.startsWith('deny') ? words.denyHelp : words.globsHelp,
    values: rules[name],
    read: readGlob,
    badText: badName(settingsBounds.globLength),
    most: settingsBounds.globCount,
    onChange: (names: readonly string[]) => set({ [name]: [...names] }),
  });
  return (
    <>
      <SwitchRow
        label={words.autoOn}
        help={words.autoOnHelp}
        on={rules.enabled}
        onChange={(enabled) => set({ enabled })}
      />
      <SwitchRow label={words.autoKeep} on={rules.keepGone} onChange={(keepGone) => set({ keepGone })} />
      <GroupNumber group="autoForward" name="graceMs" unit="seconds" label={words.autoGrace} />
      <SwitchRow
        label={words.autoTmux}
        help={words.autoTmuxHelp}
        on={rules.tmux}
        onChange={(tmux) => set({ tmux })}
      />
      <NamesRow {...list('allowHosts')} />
      <NamesRow {...list('denyHosts')} />
      <NamesRow {...list('allowModels')} />
      <NamesRow {...list('denyModels')} />
    </>
  );
}
