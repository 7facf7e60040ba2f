import { useLayoutEffect, useRef } from 'react';
import type { TestPrompt } from '#common/servers.ts';
import { FailureText } from '../components/FailureText.tsx';
import { StateMark } from '../components/StateMark.tsx';
import { Icon } from '../icons/Icon.tsx';
import type { Mood } from '../lib/mood.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useCall } from '../state/use-call.ts';
import css from './AnswerCard.module.css';
import { testWords } from './words.ts';

interface Props {
  readonly testPrompt: TestPrompt;
  /** The server, or what it served, is not there any more. */
  readonly isGone: boolean;
}

const moods: Readonly<Record<TestPrompt['state']['kind'], Mood>> = {
  running: 'waiting',
  done: 'good',
  stopped: 'unknown',
  failed: 'bad',
};

/** One answer, as far as it has come, with its figures in places of their own. */
export function AnswerCard({ testPrompt, isGone }: Props) {
  const call = useCall();
  const words = useWords(testWords);
  const { count, latency } = useFormats();
  const { id, serverId, model, prompt, state, text, firstTokenMs, tokensPerSecond, tokens } = testPrompt;
  const isRunning = state.kind === 'running';
  const place = isGone ? words.gone : serverId;
  const endName = isRunning ? words.stopAnswer(model) : words.forget(model);
  return (
    <li className={css.answer}>
      <div className={css.head}>
        <StateMark mood={moods[state.kind]} word={words.states[state.kind]} />
        <span className={css.model}>
          <span className="cut" title={model}>
            {model}
          </span>
          <span className="dim cut">{place}</span>
        </span>
        <dl className={css.figures}>
          <Figure name={words.firstToken} value={latency(firstTokenMs)} />
          <Figure name={words.pace} value={words.perSecond(count(tokensPerSecond))} />
          <Figure name={words.length} value={words.tokens(tokens)} />
        </dl>
        <button
          type="button"
          className="icon-button"
          title={endName}
          aria-label={endName}
          onClick={() => void call('model.endTest', { id })}
        >
          <Icon name={isRunning ? 'stop' : 'close'} />
        </button>
      </div>
      <p className={`${css.asked} cut`} title={prompt}>
        {prompt}
      </p>
      {state.kind === 'failed' && <FailureText failure={state.failure} />}
      {(text !== '' || isRunning) && (
        <AnswerText text={text} label={words.answerOf(model, place)} waiting={words.waiting} />
      )}
    </li>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface TextProps {
  readonly text: string;
  readonly label: string;
  /** What stands there before the first token. */
  readonly waiting: string;
}

/** Follows its end while the reader has not scrolled away from it. */
function AnswerText({ text, label, waiting }: TextProps) {
  const place = useRef<HTMLElement>(null);
  const followed = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the text that has grown
  useLayoutEffect(() => {
    if (followed.current && place.current !== null) place.current.scrollTop = place.current.scrollHeight;
  }, [text]);
  return (
    <section
      ref={place}
      className={css.text}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        followed.current = scrollTop + clientHeight >= scrollHeight - 4;
      }}
    >
      {text === '' ? <span className="dim">{waiting}</span> : text}
    </section>
  );
}
