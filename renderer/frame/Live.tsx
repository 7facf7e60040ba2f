import { type ReactNode, useEffect, useState } from 'react';
import { after } from '#common/timer.ts';
import { useAppState } from '../state/services.ts';
import css from './Live.module.css';

/** A connection that is lost for less is no news: what has the focus would lose it. */
const blinkMs = 1000;

/** What works only with the app behind it: off, and grey, while the connection to it is lost. */
export function Live({ children }: { readonly children: ReactNode }) {
  const isLost = useAppState(({ snapshot, link }) => snapshot !== null && link !== 'open');
  const [isOff, setOff] = useState(false);
  useEffect(() => {
    if (!isLost) return setOff(false);
    return after(blinkMs, () => setOff(true)).cancel;
  }, [isLost]);
  return (
    <fieldset className={css.live} role="none" disabled={isOff}>
      {children}
    </fieldset>
  );
}
