import { Icon } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import { useOpenServe } from './ServePlace.tsx';
import { launchesWords } from './words.ts';

/** Opens the dialog for serving a model. */
export function ServeButton() {
  const openServe = useOpenServe();
  const words = useWords(launchesWords);
  return (
    <button type="button" className="button" onClick={() => openServe()}>
      <Icon name="play" />
      {words.serve}
    </button>
  );
}
