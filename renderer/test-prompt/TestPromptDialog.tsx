import { useId, useState } from 'react';
import { mostPromptLength } from '#common/bounds.ts';
import type { TestPrompt } from '#common/servers.ts';
import { Dialog } from '../components/Dialog.tsx';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { Announcement } from './Announcement.tsx';
import { AnswerCard } from './AnswerCard.tsx';
import { askableModels, type TestTarget } from './askable.ts';
import css from './TestPromptDialog.module.css';
import { testWords } from './words.ts';

interface Props {
  readonly target: TestTarget;
  readonly onClose: () => void;
}

/** Asks a model something, to see that it answers and how fast; the latest few answers stand below each other to be compared. */
export function TestPromptDialog({ target, onClose }: Props) {
  const words = useWords(testWords);
  const { servers, testPrompts } = useSnapshot();
  const models = askableModels(servers);
  const latestFirst = testPrompts.toReversed();
  return (
    <Dialog title={words.title} onClose={onClose} wide>
      <div className={`dialog-body ${css.testPrompt}`}>
        <Question models={models} target={target} latest={latestFirst[0]} />
        <Announcement latest={latestFirst[0]} />
        {latestFirst.length > 0 && (
          <ul className={css.answers} aria-label={words.answers}>
            {latestFirst.map((one) => (
              <AnswerCard
                key={one.id}
                testPrompt={one}
                isGone={models.every(({ serverId }) => serverId !== one.serverId)}
              />
            ))}
          </ul>
        )}
        <div className="dialog-actions">
          <p className="dim small">{words.note}</p>
          <button type="button" className="button" onClick={onClose}>
            {words.close}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

interface QuestionProps extends Pick<Props, 'target'> {
  readonly models: readonly TestTarget[];
  readonly latest: TestPrompt | undefined;
}

function Question({ models, target, latest }: QuestionProps) {
  const call = useCall();
  const words = useWords(testWords);
  const [key, setKey] = useState(keyOf(target));
  const [prompt, setPrompt] = useState<string>(words.defaultPrompt);
  const [asked, setAsked] = useState(false);
  const ids = { model: useId(), prompt: useId(), problem: useId() };
  const chosen = models.find((model) => keyOf(model) === key);
  const problem = chosen === undefined ? words.noModel : prompt.trim() === '' ? words.noPrompt : null;
  const isRunning = latest?.state.kind === 'running';
  const send = () => {
    setAsked(true);
    if (chosen === undefined || problem !== null || isRunning) return;
    void call('model.test', { serverId: chosen.serverId, model: chosen.model, prompt: prompt.trim() });
  };
  return (
    <form
      className={css.question}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label className="field-label" htmlFor={ids.model}>
        {words.model}
      </label>
      <ModelChoice id={ids.model} models={models} chosen={chosen} onChoose={setKey} />
      <label className="field-label" htmlFor={ids.prompt}>
        {words.prompt}
      </label>
      <textarea
        id={ids.prompt}
        className={`input ${css.text}`}
        rows={3}
        maxLength={mostPromptLength}
        value={prompt}
        aria-invalid={asked && problem !== null}
        aria-describedby={asked && problem !== null ? ids.problem : undefined}
        onChange={(event) => setPrompt(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          send();
        }}
      />
      <div className={css.actions}>
        {asked && problem !== null && (
          <p className="field-error" id={ids.problem} role="alert">
            {problem}
          </p>
        )}
        <SendButton runningId={isRunning ? latest.id : null} />
      </div>
    </form>
  );
}

interface ModelChoiceProps {
  readonly id: string;
  readonly models: readonly TestTarget[];
  /** Undefined: the one that was chosen is gone. */
  readonly chosen: TestTarget | undefined;
  readonly onChoose: (key: string) => void;
}

function ModelChoice({ id, models, chosen, onChoose }: ModelChoiceProps) {
  return (
    <select
      id={id}
      className="input"
      value={chosen === undefined ? '' : keyOf(chosen)}
      onChange={(event) => onChoose(event.target.value)}
    >
      {chosen === undefined && <option value="" />}
      {models.map((model) => (
        <option key={keyOf(model)} value={keyOf(model)}>
          {`${model.model} · ${model.serverId}`}
        </option>
      ))}
    </select>
  );
}

/** Sends the question, or stops the answer that is being written. */
function SendButton({ runningId }: { readonly runningId: TestPrompt['id'] | null }) {
  const call = useCall();
  const words = useWords(testWords);
  return runningId === null ? (
    <button
      type="submit"
      className="button button-accent"
      title={words.sendHint}
      aria-keyshortcuts="Control+Enter"
    >
      {words.send}
    </button>
  ) : (
    <button type="button" className="button" onClick={() => void call('model.endTest', { id: runningId })}>
      {words.stop}
    </button>
  );
}

function keyOf({ serverId, model }: TestTarget): string {
  return `${serverId} ${model}`;
}
