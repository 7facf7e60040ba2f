import type { ServerState } from '#common/servers.ts';
import { serverStateText, stateWords } from '#common/words/states.ts';
import { serverMoods } from '../lib/server-state.ts';
import { useLanguage } from '../state/language.ts';
import { useNow } from '../state/use-now.ts';
import { StateMark } from './StateMark.tsx';

interface Props {
  readonly state: ServerState;
  /** Its model is busy: see `isBusy`. */
  readonly busy?: boolean;
}

/** How a model server is; of one that is lost, since when, as that goes on. */
export function ServerStateMark({ state, busy = false }: Props) {
  const language = useLanguage();
  const nowMs = useNow(state.kind === 'lost');
  if (busy) return <StateMark mood="busy" word={stateWords[language].busy} />;
  return <StateMark mood={serverMoods[state.kind]} word={serverStateText(state, nowMs, language)} />;
}
