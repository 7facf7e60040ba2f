import { memo } from 'react';
import type { HostId } from '#common/ids.ts';
import { StateMark } from '../components/StateMark.tsx';
import { useWords } from '../state/language.ts';
import css from './LostHosts.module.css';
import type { LostHosts } from './use-lost-hosts.ts';
import { gpuWords } from './words.ts';

/** Says which hosts stand on top because they are lost, and lets them go back to their places. */
export const LostHostsNote = memo(function LostHostsNote({ unseen, see }: LostHosts) {
  const words = useWords(gpuWords);
  const ids: readonly HostId[] = [...unseen];
  return (
    <div role="status">
      {ids.length > 0 && (
        <p className={css.lost}>
          <StateMark mood="warning" word={words.lostOnTop(ids.length, ids.join(', '))} />
          <button type="button" className="button" onClick={() => see(ids)}>
            {words.seen}
          </button>
        </p>
      )}
    </div>
  );
});
