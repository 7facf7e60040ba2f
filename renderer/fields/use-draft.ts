import { type ChangeEvent, type KeyboardEvent, useEffect, useState } from 'react';

export interface DraftOptions<Value> {
  /** The text for what is stored. */
  readonly stored: string;
  /** What a text means; null where it means nothing that may be stored. */
  readonly read: (text: string) => Value | null;
  /** Called with what was typed when the field is left, or Enter pressed. */
  readonly onCommit: (value: Value) => void;
}

export interface Draft {
  /** What is typed cannot be stored. */
  readonly isBad: boolean;
  readonly text: string;
  readonly field: {
    readonly value: string;
    readonly onChange: (event: ChangeEvent<HTMLInputElement>) => void;
    readonly onBlur: () => void;
    readonly onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => void;
  };
}

/**
 * What is typed into a field of a setting until it is left: half a number is no setting. What cannot be stored stays in the
 * field; Escape brings back what is stored.
 */
export function useDraft<Value>({ stored, read, onCommit }: DraftOptions<Value>): Draft {
  const [draft, setDraft] = useState<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was typed gives way to whatever is stored next
  useEffect(() => setDraft(null), [stored]);
  const text = draft ?? stored;
  const value = read(text);
  const commit = () => {
    if (draft === null || value === null) return;
    if (draft === stored) setDraft(null);
    else onCommit(value);
  };
  return {
    isBad: draft !== null && value === null,
    text,
    field: {
      value: text,
      onChange: (event) => setDraft(event.target.value),
      onBlur: commit,
      onKeyDown: (event) => {
        if (event.key === 'Enter') commit();
        else if (event.key === 'Escape') setDraft(null);
        else return;
        event.preventDefault();
      },
    },
  };
}
