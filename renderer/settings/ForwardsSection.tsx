import type { Settings } from '#common/settings.ts';
import { SelectRow } from '../fields/SelectRow.tsx';
import { SettingGroup } from '../fields/SettingRow.tsx';
import { SwitchRow } from '../fields/Switch.tsx';
import { useAutoForwardSwitch } from '../forwards/AutoForwardOff.tsx';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { useCall } from '../state/use-call.ts';
import { forwardSettingWords } from './forward-words.ts';
import { GlobsRow } from './GlobsRow.tsx';
import { GroupNumber } from './GroupNumber.tsx';
import { PortRangeRow } from './PortRangeRow.tsx';

type AutoForward = Settings['autoForward'];

export function ForwardsSection() {
  const words = useWords(forwardSettingWords);
  return (
    <>
      <SettingGroup>
        <PortRangeRow />
        <UnusedRows />
      </SettingGroup>
      <SettingGroup title={words.gateway}>
        <GatewayRows />
      </SettingGroup>
      <SettingGroup title={words.autoForward}>
        <AutoForwardRows />
      </SettingGroup>
    </>
  );
}

function GatewayRows() {
  const actions = useActions();
  const call = useCall();
  const words = useWords(forwardSettingWords);
  const { gateway } = useSettings();
  return (
    <>
      <SwitchRow
        label={words.gatewayOn}
        help={words.gatewayOnHelp}
        on={gateway.enabled}
        onChange={(on) => void call('gateway.switch', { on })}
      />
      <GroupNumber group="gateway" name="port" label={words.gatewayPort} help={words.gatewayPortHelp} />
      <SelectRow
        label={words.stickiness}
        help={words.stickinessHelp}
        value={gateway.stickiness}
        choices={words.stickinesses}
        onChange={(stickiness) =>
          void actions.changeSettings((latest) => ({ gateway: { ...latest.gateway, stickiness } }))
        }
      />
    </>
  );
}

function UnusedRows() {
  const actions = useActions();
  const words = useWords(forwardSettingWords);
  const { unusedForwards } = useSettings();
  return (
    <>
      <SwitchRow
        label={words.closeUnused}
        help={words.closeUnusedHelp}
        on={unusedForwards.close}
        onChange={(close) =>
          void actions.changeSettings((latest) => ({
            unusedForwards: { ...latest.unusedForwards, close },
          }))
        }
      />
      {unusedForwards.close && (
        <GroupNumber group="unusedForwards" name="afterMs" unit="hours" label={words.unusedAfter} />
      )}
    </>
  );
}

function AutoForwardRows() {
  const actions = useActions();
  const words = useWords(forwardSettingWords);
  const { autoForward: rules } = useSettings();
  const auto = useAutoForwardSwitch();
  const set = (change: Partial<AutoForward>) =>
    void actions.changeSettings(({ autoForward }) => ({ autoForward: { ...autoForward, ...change } }));
  const list = (name: 'allowHosts' | 'denyHosts' | 'allowModels' | 'denyModels') => (
    <GlobsRow
      of={name.endsWith('Hosts') ? 'hosts' : 'models'}
      label={words[name]}
      help={name.startsWith('deny') ? words.denyHelp : undefined}
      values={rules[name]}
      onChange={(names) => set({ [name]: [...names] })}
    />
  );
  return (
    <>
      <SwitchRow label={words.autoOn} help={words.autoOnHelp} on={rules.enabled} onChange={auto.onChange} />
      {auto.question}
      <SwitchRow label={words.autoKeep} on={rules.keepGone} onChange={(keepGone) => set({ keepGone })} />
      <GroupNumber group="autoForward" name="graceMs" unit="seconds" label={words.autoGrace} />
      <SwitchRow
        label={words.autoTmux}
        help={words.autoTmuxHelp}
        on={rules.tmux}
        onChange={(tmux) => set({ tmux })}
      />
      {list('allowHosts')}
      {list('denyHosts')}
      {list('allowModels')}
      {list('denyModels')}
    </>
  );
}
