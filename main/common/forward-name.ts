/** What a forward is called where a name stands in place of its port: `NAME.localhost`. Pure. */

import { targetText } from './forward-target.ts';
import type { Forward } from './forwards.ts';

/** Letters of one part of a host name (RFC 1035, 2.3.4). */
const mostLetters = 63;

/** Of its label, or of its host and target where no label has a letter that a host name can have: `gpu-01-8000`. */
export function localName(forward: Pick<Forward, 'hostId' | 'label' | keyof Target>): string {
  const ofLabel = hostLabel(forward.label ?? '');
  return ofLabel === '' ? hostLabel(`${forward.hostId} ${targetText(forward)}`) : ofLabel;
}

type Target = Parameters<typeof targetText>[0];

/** Its address at the gateway, with the path under which clients of OpenAI's API ask. */
export function localUrl(forward: Parameters<typeof localName>[0], gatewayPort: number): string {
  return `http://${localName(forward)}.localhost:${gatewayPort}/v1`;
}

function hostLabel(text: string): string {
  const words = text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .split(/[^a-z\d]+/);
  return words.filter(Boolean).join('-').slice(0, mostLetters).replace(/-$/, '');
}
