import { SettingGroup } from '../fields/SettingRow.tsx';
import { writeNumber } from '../lib/number-text.ts';
import { useLanguage } from '../state/language.ts';
import { useSettings } from '../state/settings.ts';
import { GroupNumber } from './GroupNumber.tsx';
import { scanSettingWords } from './scan-words.ts';

export function IdleSection() {
  const language = useLanguage();
  const words = scanSettingWords[language];
  const { maxUtilPct, maxMemPct, maxMemMiB, samples } = useSettings().idleRule;
  const text = (value: number) => writeNumber(value, 1, language);
  return (
    <SettingGroup help={words.idleIntro(text(maxUtilPct), text(maxMemPct), text(maxMemMiB), samples)}>
      <GroupNumber group="idleRule" name="maxUtilPct" unit="percent" label={words.maxUtilPct} />
      <GroupNumber group="idleRule" name="maxMemPct" unit="percent" label={words.maxMemPct} />
      <GroupNumber
        group="idleRule"
        name="maxMemMiB"
        unit="mib"
        label={words.maxMemMiB}
        help={words.maxMemMiBHelp}
      />
      <GroupNumber group="idleRule" name="samples" label={words.samples} />
    </SettingGroup>
  );
}
