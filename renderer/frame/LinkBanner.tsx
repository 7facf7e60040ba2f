import { useWords } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import { frameWords } from './words.ts';

export function LinkBanner() {
  const link = useAppState((state) => state.link);
  const words = useWords(frameWords);
  return (
    <div role="status">
      {link === 'lost' && (
        <p className="banner">
          <strong>{words.linkLost}</strong> <span className="dim">{words.linkLostHint}</span>
        </p>
      )}
    </div>
  );
}
