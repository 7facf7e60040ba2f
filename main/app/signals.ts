/**
 * Calls back at the first signal that asks the process to end (Ctrl-C, `kill`, a closed terminal), so that it ends all in order; at
 * a second one, of any kind, the system ends it at once.
 */
export function onEndSignal(listener: () => void): void {
  const first = (): void => {
    for (const signal of signals) process.off(signal, first);
    listener();
  };
  for (const signal of signals) process.on(signal, first);
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
