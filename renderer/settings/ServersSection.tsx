import { NamesRow } from '../fields/NamesRow.tsx';
import { SettingGroup } from '../fields/SettingRow.tsx';
import { fieldWords } from '../fields/words.ts';
import { readPort } from '../lib/number-text.ts';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { scanSettingWords } from './scan-words.ts';

/** More ports than this are never checked. */
const mostPorts = 1000;

export function ServersSection() {
  const actions = useActions();
  const words = useWords(scanSettingWords);
  const fields = useWords(fieldWords);
  const { extra, skip } = useSettings().modelPorts;
  const list = (name: 'extra' | 'skip') => ({
    placeholder: words.portHint,
    read: readPort,
    badText: fields.badPort,
    most: mostPorts,
    onChange: (ports: readonly number[]) =>
      void actions.changeSettings(({ modelPorts }) => ({
        modelPorts: { ...modelPorts, [name]: [...ports].sort((a, b) => a - b) },
      })),
  });
  return (
    <SettingGroup>
      <NamesRow {...list('extra')} label={words.extraPorts} help={words.extraPortsHelp} values={extra} />
      <NamesRow {...list('skip')} label={words.skipPorts} help={words.skipPortsHelp} values={skip} />
    </SettingGroup>
  );
}
