import { useEffect, useRef } from 'react';
import { totals } from '#common/select/totals.ts';
import { type TrayShape, trayShape } from '#common/shape.ts';
import { after } from '#common/timer.ts';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from './language.ts';
import { useAppState } from './services.ts';

const icons: Readonly<Record<TrayShape, string>> = {
  idle: new URL('../icons/window-idle.svg', import.meta.url).href,
  none: new URL('../icons/window.svg', import.meta.url).href,
  attention: new URL('../icons/window-attention.svg', import.meta.url).href,
};

/** The browser draws its tab anew for each title; of a large fleet one would come with every update. */
const restMs = 1000;

/** Says in the title and icon of the page what is free, for who looks at another tab. */
export function usePageTitle(): void {
  const { titleIdle } = useWords(frameWords);
  const idle = useAppState(({ snapshot }) => {
    if (snapshot === null) return null;
    const { gpus, idleGpus } = totals(snapshot);
    return gpus === 0 ? null : idleGpus;
  });
  const shape = useAppState(({ snapshot }) => (snapshot === null ? 'none' : trayShape(snapshot)));
  const shownAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (idle === null) {
      document.title = 'vllm-tray';
      return;
    }
    const show = () => {
      shownAt.current = Date.now();
      document.title = `${titleIdle(idle)} · vllm-tray`;
    };
    const waitMs = shownAt.current + restMs - Date.now();
    if (waitMs <= 0) return show();
    return after(waitMs, show).cancel;
  }, [idle, titleIdle]);
  useEffect(() => {
    document.querySelector('link[rel="icon"]')?.setAttribute('href', icons[shape]);
  }, [shape]);
}
