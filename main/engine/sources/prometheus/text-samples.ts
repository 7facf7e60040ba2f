/**
 * The samples of a large answer, each with its labels as the text that they came as. The series of one poll are those of the
 * next, so who knows the text need not read it again: that is most of what reading an answer costs. Pure.
 */

import { dataOf, type RawAnswer, samplesOf } from './answer.ts';

/** Takes one sample: its labels, a JSON object, and its value. */
export type TakeSample = (labels: string, value: string) => void;

/**
 * Gives each sample of an instant query, whatever its answer's JSON looks like; of one that is not as it usually is, some twice.
 * Returns what the server says is missing; null: nothing. Errors: those of `dataOf`, after which what was given means nothing.
 */
export function eachSample(answer: RawAnswer, take: TakeSample): string | null {
  const around = cut(answer.body, take);
  if (around !== null) return dataOf({ ...answer, body: around }).partial;
  const { data, partial } = dataOf(answer);
  for (const { metric, value } of samplesOf(data)) take(JSON.stringify(metric), value[1]);
  return partial;
}

const before = '"result":[';
const beforeLabels = '{"metric":';
const beforeTime = '},"value":[';
const beforeValue = ',"';
const afterValue = '"]}';

/**
 * Gives the samples of an answer as servers write it, without spaces and in this order, and returns what is left without them;
 * null for any other. In JSON a quote within a text is escaped, so that none of these marks can be part of a label.
 */
function cut(body: string, take: TakeSample): string | null {
  const start = body.indexOf(before) + before.length;
  if (start < before.length) return null;
  let at = start;
  while (body.startsWith(beforeLabels, at)) {
    const timeAt = body.indexOf(beforeTime, at);
    if (timeAt < 0) return null;
    const valueAt = body.indexOf(beforeValue, timeAt + beforeTime.length);
    const end = body.indexOf(afterValue, valueAt);
    if (valueAt < 0 || end < 0) return null;
    take(body.slice(at + beforeLabels.length, timeAt + 1), body.slice(valueAt + beforeValue.length, end));
    at = end + afterValue.length;
    if (body[at] === ',') at += 1;
  }
  return body[at] === ']' ? body.slice(0, start) + body.slice(at) : null;
}
