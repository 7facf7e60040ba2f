import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { useHostSwitches } from '../state/use-switches.ts';

/** Contacts the host no more, which can be taken back. */
export function SwitchOff({ alias }: { readonly alias: string }) {
  const { onSwitch } = useHostSwitches();
  const words = useWords(frameWords);
  return (
    <button type="button" className="button" onClick={() => onSwitch([alias], false)}>
      {words.switchOff}
      <span className="visually-hidden"> {alias}</span>
    </button>
  );
}
