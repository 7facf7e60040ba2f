import { SettingGroup, SettingRow } from '../fields/SettingRow.tsx';
import { SwitchRow } from '../fields/Switch.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import { useActions, useServices } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { appSettingWords } from './app-words.ts';
import css from './HistorySection.module.css';

export function HistorySection() {
  const actions = useActions();
  const words = useWords(appSettingWords);
  const { keepFile } = useSettings().history;
  return (
    <>
      <SettingGroup>
        <SwitchRow
          label={words.keepFile}
          help={words.keepFileHelp}
          on={keepFile}
          onChange={(on) => void actions.changeSettings({ history: { keepFile: on } })}
        />
      </SettingGroup>
      <SettingGroup title={words.exports}>
        <ExportRow what="scan" label={words.exportScan} />
        <ExportRow what="history" label={words.exportHistory} />
      </SettingGroup>
    </>
  );
}

const formats = [
  ['json', 'JSON'],
  ['csv', 'CSV'],
] as const;

function ExportRow({ what, label }: { readonly what: 'scan' | 'history'; readonly label: string }) {
  const { bridge, actions } = useServices();
  const words = useWords(appSettingWords);
  return (
    <SettingRow label={label} button>
      {() => (
        <span className={css.buttonRow}>
          {formats.map(([format, name]) => (
            <button
              key={format}
              type="button"
              className="button"
              aria-label={words.exportAs(label, name)}
              onClick={() => void actions.saveFile(bridge.call('export.file', { what, format }))}
            >
              <Icon name="save" />
              {name}
            </button>
          ))}
        </span>
      )}
    </SettingRow>
  );
}
