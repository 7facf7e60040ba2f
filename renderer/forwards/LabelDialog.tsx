import { useId } from 'react';
import { type Forward, mostLabelLength } from '#common/forwards.ts';
import { DialogForm, typedIn } from '../components/DialogForm.tsx';
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
  return (
    <DialogForm
      title={words.labelOf(id)}
      cancel={frame.notNow}
      onClose={onClose}
      submit={words.saveLabel}
      onSubmit={(form) => {
        void call('forward.label', { forwardId: id, label: typedIn(form, 'label') });
        onClose();
      }}
    >
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
    </DialogForm>
  );
}
