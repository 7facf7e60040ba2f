import type { Forward } from '#common/forwards.ts';
import type { Log } from '../diagnostics/log.ts';

/** Logs one line, with host and port, where a forward is lost, given up or back; nothing for any other change. */
export function logChange(before: Forward | undefined, { id, state }: Forward, log: Log): void {
  const was = before?.state.kind;
  if (was === state.kind) return;
  if (state.kind === 'retrying' || state.kind === 'failed') {
    const { code, detail } = state.failure;
    const what = state.kind === 'failed' ? 'forward failed' : 'forward lost, retrying';
    log('warn', `${id}: ${what}: ${code}${detail === '' ? '' : ` (${detail})`}`);
  } else if (state.kind === 'listening' && (was === 'retrying' || was === 'failed'))
    log('info', `${id}: forward restored`);
}
