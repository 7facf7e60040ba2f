import { memo, type ReactNode, useId } from 'react';
import { Popover } from '../components/Popover.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useLanguage, useWords } from '../state/language.ts';
import css from './ColumnChooser.module.css';
import { optionalColumns, titleOf } from './column.ts';
import type { Table } from './use-table.ts';
import { tableWords } from './words.ts';

interface Props<Row> {
  readonly table: Table<Row>;
}

/** A button that opens a list of the columns of a table, to show and to hide. */
export const ColumnChooser = memo(function ColumnChooser<Row>({ table }: Props<Row>) {
  const { spec, hidden, hide, showAll } = table;
  const words = useWords(tableWords);
  const language = useLanguage();
  const hintId = useId();
  return (
    <Popover label={words.columns} className="icon-button" face={<Icon name="columns" />} flush="end">
      {() => (
        <fieldset className={css.columnChooser} aria-describedby={hintId}>
          <legend>{words.columns}</legend>
          {optionalColumns(spec.columns).map(({ key }) => (
            <label key={key}>
              <input
                type="checkbox"
                checked={!hidden.has(key)}
                onChange={({ target }) => hide(key, !target.checked)}
              />
              {titleOf(spec, key, language)}
            </label>
          ))}
          <p className="dim small" id={hintId}>
            {words.narrow}
          </p>
          <button type="button" className="button" aria-disabled={hidden.size === 0} onClick={showAll}>
            {words.showAll}
          </button>
        </fieldset>
      )}
    </Popover>
  );
}) as <Row>(props: Props<Row>) => ReactNode;
