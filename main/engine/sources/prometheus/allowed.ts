import { type PrometheusSource, readSourceUrl } from '#common/prometheus.ts';
import type { Source } from '#common/snapshot.ts';

/** Beside the demo cluster nothing but this computer is contacted, whatever the settings of the person name. */
export function mayAsk({ url }: Pick<PrometheusSource, 'url'>, from: Source): boolean {
  const address = readSourceUrl(url);
  // What is no address leads nowhere, which is said when it is asked.
  if (from.kind !== 'demo' || address === null || address.kind === 'ssh') return true;
  return /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d{1,5})?$/i.test(address.authority);
}
