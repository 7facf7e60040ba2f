import { useMemo, useState } from 'react';
import { type LogLevel, type LogLine, logLevels } from '#common/diagnostics.ts';
import { FindField } from '../components/FindField.tsx';
import { Select } from '../fields/SelectRow.tsx';
import { Switch } from '../fields/Switch.tsx';
import { Icon } from '../icons/Icon.tsx';
import { createWordMatcher } from '../lib/filter.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { LogLines } from './LogLines.tsx';
import css from './LogPane.module.css';
import { nothingSelected } from './selection.ts';
import { useLog } from './use-log.ts';
import { diagnosticsWords } from './words.ts';

/** The log, as it is written: with filters, a pause, and what one selects to copy. */
export function LogPane() {
  const actions = useActions();
  const words = useWords(diagnosticsWords);
  const { whole } = useFormats();
  const [level, setLevel] = useState<LogLevel>('debug');
  const [filter, setFilter] = useState('');
  const [paused, setPaused] = useState(false);
  const [follow, setFollow] = useState(true);
  const [selection, setSelection] = useState(nothingSelected);
  const lines = useLog(paused);
  const shown = useMemo(() => {
    const least = logLevels.indexOf(level);
    const matches = createWordMatcher(filter);
    return lines.filter((line) => logLevels.indexOf(line.level) >= least && matches(line.message));
  }, [lines, level, filter]);
  const selected = shown.filter(({ number }) => selection.chosen.has(number));
  const copied = selected.length > 0 ? selected : shown;
  const copy = () => void actions.copy(copied.map(textOf).join('\n'), words.logLines);

  return (
    <>
      <div className={css.tools}>
        <FindField label={words.find} text={filter} onChange={setFilter} />
        <Select aria-label={words.level} value={level} choices={words.levels} onChange={setLevel} />
        <button type="button" className={`button ${css.pause}`} onClick={() => setPaused(!paused)}>
          <Icon name={paused ? 'play' : 'pause'} />
          {paused ? words.goOn : words.pause}
        </button>
        <button type="button" className="button" aria-disabled={copied.length === 0} onClick={copy}>
          <Icon name="copy" />
          {selected.length > 0 ? words.copySelected(selected.length) : words.copyAll}
        </button>
        <label className={css.follow} htmlFor="log-follow">
          <Switch id="log-follow" on={follow} onChange={setFollow} />
          {words.follow}
        </label>
        <p className="dim">{words.shown(whole(shown.length), lines.length)}</p>
      </div>
      {shown.length === 0 ? (
        <p className={`${css.none} dim`}>{lines.length === 0 ? words.noLines : words.noneFound}</p>
      ) : (
        <LogLines
          lines={shown}
          follow={follow}
          onFollow={setFollow}
          selection={selection}
          onSelect={setSelection}
          onCopy={copy}
        />
      )}
    </>
  );
}

/** A line as a file of the log would have it. */
function textOf({ at, level, message }: LogLine): string {
  return `${new Date(at).toISOString()} ${level} ${message}`;
}
