import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import css from './LinkBanner.module.css';

export function LinkBanner() {
  const link = useAppState((state) => state.link);
  const words = useWords(frameWords);
  return (
    <div role="status">
      {link === 'lost' && (
        <p className={css.banner}>
          <strong>{words.linkLost}</strong> <span className="dim">{words.linkLostHint}</span>
        </p>
      )}
      {link === 'no-key' && <p className={css.banner}>{words.linkWithoutKey}</p>}
    </div>
  );
}
