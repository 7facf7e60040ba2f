import { settingsBounds } from '#common/bounds.ts';
import type { Settings } from '#common/settings.ts';
import { NamesRow } from '../fields/NamesRow.tsx';
import { SettingGroup } from '../fields/SettingRow.tsx';
import { SwitchRow } from '../fields/Switch.tsx';
import { fieldWords } from '../fields/words.ts';
import { useWords } from '../state/language.ts';
import { useActions, useServices } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { PermissionRow } from './PermissionRow.tsx';
import { RuleList } from './RuleList.tsx';
import { ruleWords } from './rule-words.ts';
import { useHostNames } from './use-names.ts';

export function NotificationsSection() {
  const actions = useActions();
  const { face } = useServices();
  const words = useWords(ruleWords);
  const { badName } = useWords(fieldWords);
  const { enabled, mutedHosts } = useSettings().notifications;
  const hosts = useHostNames();
  const set = (change: Partial<Settings['notifications']>) =>
    void actions.changeSettings(({ notifications }) => ({ notifications: { ...notifications, ...change } }));
  return (
    <>
      <SettingGroup>
        <SwitchRow
          label={words.enabled}
          help={words.enabledHelp}
          on={enabled}
          onChange={(on) => set({ enabled: on })}
        />
        {face === 'browser' && <PermissionRow />}
      </SettingGroup>
      <SettingGroup title={words.rules}>
        <RuleList />
      </SettingGroup>
      <SettingGroup>
        <NamesRow
          label={words.muted}
          help={words.mutedHelp}
          values={mutedHosts}
          offers={hosts}
          read={readName}
          badText={badName(settingsBounds.nameLength)}
          most={settingsBounds.nameCount}
          onChange={(names) => set({ mutedHosts: [...names] })}
        />
      </SettingGroup>
    </>
  );
}

function readName(text: string): string | null {
  return text.length <= settingsBounds.nameLength ? text : null;
}
