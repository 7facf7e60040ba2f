import { useEffect } from 'react';
import { totals } from '#common/select/totals.ts';
import { type TrayShape, trayShape } from '#common/shape.ts';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from './language.ts';
import { useAppState } from './services.ts';

const icons: Readonly<Record<TrayShape, string>> = {
  idle: new URL('../icons/window-idle.svg', import.meta.url).href,
  none: new URL('../icons/window.svg', import.meta.url).href,
  attention: new URL('../icons/window-attention.svg', import.meta.url).href,
};

/** Says in the title and icon of the page what is free, for who looks at another tab. */
export function usePageTitle(): void {
  const { titleIdle } = useWords(frameWords);
  const idle = useAppState(({ snapshot }) => {
    if (snapshot === null) return null;
    const { gpus, idleGpus } = totals(snapshot);
    return gpus === 0 ? null : idleGpus;
  });
  const shape = useAppState(({ snapshot }) => (snapshot === null ? 'none' : trayShape(snapshot)));
  useEffect(() => {
    document.title = idle === null ? 'vllm-tray' : `${titleIdle(idle)} · vllm-tray`;
  }, [idle, titleIdle]);
  useEffect(() => {
    document.querySelector('link[rel="icon"]')?.setAttribute('href', icons[shape]);
  }, [shape]);
}
