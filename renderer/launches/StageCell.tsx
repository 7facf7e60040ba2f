import { isLive, type Launch, type LaunchStage } from '#common/launches.ts';
import { shareOf } from '#common/select/launches.ts';
import { stageText } from '#common/words/launches.ts';
import { ProgressBar } from '../components/ProgressBar.tsx';
import { StateMark } from '../components/StateMark.tsx';
import type { Mood } from '../lib/mood.ts';
import { useLanguage, useWords } from '../state/language.ts';
import css from './StageCell.module.css';
import { launchesWords } from './words.ts';

const moods: Readonly<Record<LaunchStage['kind'], Mood>> = {
  environment: 'waiting',
  download: 'waiting',
  load: 'waiting',
  compile: 'waiting',
  ready: 'good',
  stopped: 'asleep',
  failed: 'bad',
};

/** How far it is, with its figures and a bar; of one that has failed the line of the log that says why. */
export function StageCell({ launch }: { readonly launch: Launch }) {
  const { stage } = launch;
  const language = useLanguage();
  const words = useWords(launchesWords);
  const text = stageText(stage, language);
  return (
    <span className={css.stage}>
      <StateMark mood={moods[stage.kind]} word={text} />
      {stage.kind === 'failed' && stage.failure.line !== '' && (
        <span className="subline cut mono" title={stage.failure.line}>
          {stage.failure.line}
        </span>
      )}
      {isLive(launch) && stage.kind !== 'ready' && (
        <ProgressBar className={css.progress} label={words.progress(text)} value={shareOf(stage)} />
      )}
    </span>
  );
}
