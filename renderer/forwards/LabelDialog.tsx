import { type FormEvent, useId } from 'react';
import { type Forward, mostLabelLength } from '#common/forwards.ts';
import { Dialog } from '../components/Dialog.tsx';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { useCall } from '../state/use-call.ts';
import { forwardWords } from './words.ts';

interface Props {
  readonly forward: Pick<Forward, 'id' | 'label'>;
  readonly onClose: () => void;
}

/** Asks for the name of a forward; it stays with the target, also when the forward is closed. */
export function LabelDialog({ forward: { id, label }, onClose }: Props) {
  const call = useCall();
  const words = useWords(forwardWords);
  const frame = useWords(frameWords);
  const fieldId = useId();
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget).get('label') ?? '');
    void call('forward.label', { forwardId: id, label: typed });
    onClose();
  };
  return (
    <Dialog title={words.labelOf(id)} onClose={onClose}>
      <form className="dialog-body" autoComplete="off" onSubmit={save}>
        <div className="field">
          <label htmlFor={fieldId}>{words.label}</label>
          <input
            id={fieldId}
            name="label"
            className="input"
            defaultValue={label ?? ''}
            maxLength={mostLabelLength}
            spellCheck={false}
          />
        </div>
        <p className="dim">{words.labelHint}</p>
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {frame.notNow}
          </button>
          <button type="submit" className="button button-accent">
            {words.saveLabel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
