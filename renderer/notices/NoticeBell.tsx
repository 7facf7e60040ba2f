import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { type Notice, placeOf } from '#common/notices.ts';
import { hashOf } from '#common/place.ts';
import { noticeText } from '#common/words/notices.ts';
import { useCloseFromOutside, usePlacement } from '../components/floating.ts';
import { Icon } from '../icons/Icon.tsx';
import { useFormats, useLanguage, useWords } from '../state/language.ts';
import { reveal } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import css from './NoticeBell.module.css';
import { useBell } from './use-notices.ts';
import { bellWords } from './words.ts';

/** A quiet list of what happened lately, and how much of it is new. */
export function NoticeBell() {
  const words = useWords(bellWords);
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const { notices, unseen, onSeen } = useBell();
  const toggle = () => {
    setOpen(!open);
    onSeen();
  };
  const close = (refocus: boolean) => {
    setOpen(false);
    onSeen();
    if (refocus) button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={`icon-button ${css.bell}`}
        title={words.bell(unseen)}
        aria-label={words.bell(unseen)}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={toggle}
      >
        <Icon name="bell" />
        {unseen > 0 && <span className={css.bellCount}>{unseen > 9 ? '9+' : unseen}</span>}
      </button>
      {open && <Panel id={id} notices={notices} button={button} onClose={close} />}
    </>
  );
}

interface PanelProps {
  readonly id: string;
  readonly notices: readonly Notice[];
  readonly button: React.RefObject<HTMLButtonElement | null>;
  readonly onClose: (refocus: boolean) => void;
}

function Panel({ id, notices, button, onClose }: PanelProps) {
  const words = useWords(bellWords);
  const panel = useRef<HTMLDivElement>(null);
  usePlacement(panel, button, 'end');
  useCloseFromOutside([panel, button], () => onClose(false));
  useEffect(() => panel.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    onClose(true);
  };
  return (
    <div
      ref={panel}
      id={id}
      className={css.notices}
      popover="manual"
      role="dialog"
      tabIndex={-1}
      aria-label={words.title}
      onKeyDown={onKeyDown}
    >
      {notices.length === 0 && <p className={`${css.noticesNone} dim`}>{words.none}</p>}
      <ul>
        {notices.map((notice) => (
          <NoticeRow key={`${notice.id} ${notice.at}`} notice={notice} onClose={onClose} />
        ))}
      </ul>
      <a
        className={css.noticesRules}
        href={hashOf({ view: 'settings', id: 'notifications' })}
        onClick={() => onClose(false)}
      >
        {words.rules}
      </a>
    </div>
  );
}

function NoticeRow({ notice, onClose }: { readonly notice: Notice } & Pick<PanelProps, 'onClose'>) {
  const { title, body } = noticeText(notice, useSnapshot(), useLanguage());
  const { clock, dateTime } = useFormats();
  return (
    <li>
      <button
        type="button"
        className={css.notice}
        onClick={() => {
          onClose(false);
          reveal(placeOf(notice));
        }}
      >
        <span className={css.noticeTitle}>{title}</span>
        <time className="dim small" dateTime={new Date(notice.at).toISOString()} title={dateTime(notice.at)}>
          {clock(notice.at)}
        </time>
        <span className={css.noticeBody}>{body}</span>
      </button>
    </li>
  );
}
