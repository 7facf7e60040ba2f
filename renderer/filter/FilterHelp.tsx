import { Popover } from '../components/Popover.tsx';
import { useWords } from '../state/language.ts';
import css from './FilterHelp.module.css';
import { filterWords } from './words.ts';

/** The forms of the filter language; pressing one adds it to the filter. */
export function FilterHelp({ onAdd }: { readonly onAdd: (form: string) => void }) {
  const words = useWords(filterWords);
  return (
    <Popover label={words.help} className="icon-button" face={<span aria-hidden="true">?</span>} flush="end">
      {(close) => (
        <div className={css.help}>
          <p className="popover-title">{words.help}</p>
          <p className="dim">{words.helpIntro}</p>
          <ul>
            {words.forms.map(([example, meaning]) => (
              <li key={example}>
                <button
                  type="button"
                  className={css.form}
                  onClick={() => {
                    close();
                    onAdd(example);
                  }}
                >
                  <code>{example}</code> <span className="dim">{meaning}</span>
                </button>
              </li>
            ))}
          </ul>
          <p className="dim">{words.helpEnd}</p>
        </div>
      )}
    </Popover>
  );
}
