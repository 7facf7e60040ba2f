import { views } from '#common/place.ts';
import { Dialog } from '../components/Dialog.tsx';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import css from './KeyboardSheet.module.css';
import { viewKeys } from './keys.ts';
import { keyboardWords } from './words.ts';

/** All shortcuts of the window; `?` opens it. */
export function KeyboardSheet({ onClose }: { readonly onClose: () => void }) {
  const words = useWords(keyboardWords);
  const frame = useWords(frameWords);
  return (
    <Dialog title={words.title} onClose={onClose} wide>
      <div className={`dialog-body ${css.keys}`}>
        <Group title={words.goTo}>
          {views.map((view, index) => (
            <Shortcut key={view} keys={[`g ${viewKeys[view]}`, String(index + 1)]} does={frame.views[view]} />
          ))}
        </Group>
        <Group title={words.anywhere}>
          <Shortcut keys={['/']} does={words.filter} />
          <Shortcut keys={['Ctrl+K', '⌘K']} does={words.palette} />
          <Shortcut keys={['r']} does={words.rescan} />
          <Shortcut keys={['u']} does={words.undo} />
          <Shortcut keys={['Esc']} does={words.close} />
          <Shortcut keys={['?']} does={words.thisSheet} />
        </Group>
        <Group title={words.inLists}>
          <Shortcut keys={['↓ ↑', 'j k']} does={words.rows} />
          <Shortcut keys={['Enter']} does={words.unfold} />
          <Shortcut keys={['Tab']} does={words.tab} />
        </Group>
        <p className="dim small">{words.note}</p>
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {words.done}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <section>
      <h3 className={css.title}>{title}</h3>
      <dl className={css.list}>{children}</dl>
    </section>
  );
}

/** One after the other. */
function Keys({ keys: [first, second] }: { readonly keys: readonly string[] }) {
  return (
    <>
      <kbd>{first}</kbd>
      {second !== undefined && <kbd>{second}</kbd>}
    </>
  );
}

interface ShortcutProps {
  /** Each way to do it; keys that are pressed one after the other have a space between them. */
  readonly keys: readonly string[];
  readonly does: string;
}

function Shortcut({ keys, does }: ShortcutProps) {
  const { or } = useWords(keyboardWords);
  return (
    <div>
      <dt>{does}</dt>
      <dd>
        {keys.map((way, index) => (
          <span key={way}>
            {index > 0 && <span className="dim"> {or} </span>}
            <Keys keys={way.split(' ')} />
          </span>
        ))}
      </dd>
    </div>
  );
}
