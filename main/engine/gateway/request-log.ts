import type { GatewayRequest } from '#common/gateway.ts';
import { cutLoose, plainText } from '#common/text.ts';

/** The requests that have ended, for the window. What they and their answers said is never in it. */
export interface RequestLog {
  add(request: Omit<GatewayRequest, 'number'>): void;
  /** Those after the one of that number, oldest first. */
  read(after: number): readonly GatewayRequest[];
  /** How many have ended. */
  count(): number;
}

const mostKept = 500;
const mostPathLength = 200;
const mostModelLength = 300;

/** `onAdd` is called after each one. */
export function createRequestLog(onAdd: () => void = () => undefined): RequestLog {
  let kept: GatewayRequest[] = [];
  let number = 0;
  const own = (text: string, most: number): string => cutLoose(plainText(text, most));
  return {
    add({ path, model, ...request }) {
      number += 1;
      const cleaned = {
        path: own(path, mostPathLength),
        model: model === null ? null : own(model, mostModelLength),
      };
      kept.push({ number, ...request, ...cleaned });
      // Cut now and then, not with every request.
      if (kept.length >= mostKept * 1.5) kept = kept.slice(-mostKept);
      onAdd();
    },
    read: (after) => kept.filter((request) => request.number > after).slice(-mostKept),
    count: () => number,
  };
}
