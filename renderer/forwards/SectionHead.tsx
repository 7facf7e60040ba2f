import { type ReactNode, useState } from 'react';
import { Icon } from '../icons/Icon.tsx';
import { useFormats, useWords } from '../state/language.ts';
import { sectionWords } from './section-words.ts';

interface Props {
  readonly id: string;
  readonly title: string;
  readonly what: string;
  /** When it was looked at; null: not yet. Undefined: that is not known. */
  readonly lookedAt: number | null | undefined;
  /** The accessible name of the button that looks again. */
  readonly refreshName: string;
  readonly onRefresh: () => Promise<unknown>;
  /** More buttons. */
  readonly children?: ReactNode;
}

export function SectionHead({ id, title, what, lookedAt, refreshName, onRefresh, children }: Props) {
  const words = useWords(sectionWords);
  const { time } = useFormats();
  const [busy, setBusy] = useState(false);
  const refresh = async () => {
    if (busy) return;
    setBusy(true);
    await onRefresh();
    setBusy(false);
  };
  return (
    <div className="section-head">
      <h2 className="section-title" id={id}>
        {title}
      </h2>
      <p className="section-what">{what}</p>
      {lookedAt !== undefined && (
        <p className="dim small" role="status">
          {lookedAt === null ? words.notLooked : words.lookedAt(time(lookedAt))}
        </p>
      )}
      {children}
      <button
        type="button"
        className="button"
        title={refreshName}
        aria-disabled={busy}
        onClick={() => void refresh()}
      >
        <Icon name="rescan" />
        {busy ? words.refreshing : words.refresh}
        <span className="visually-hidden">{` ${refreshName}`}</span>
      </button>
    </div>
  );
}
