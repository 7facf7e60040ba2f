/**
 * Answers the requests of the app's probe without any shell. The probe writes its script first, which puts the sentinel of
 * all answers together and ends by saying hello, then one request a line (main/engine/probe/script.ts and frames.ts).
 */

import type { Readable } from 'node:stream';
import type { ServerChannel } from 'ssh2';

export interface ProbeRequest {
  readonly verb: string;
  /** Without their quotes; a word may be empty. */
  readonly words: readonly string[];
}

/** One part of an answer: what a command of the host has printed, and its exit code. */
export interface ProbePart {
  readonly name: string;
  readonly code: number;
  readonly text: string;
}

export const noShell = 'This demo host has no shell on this computer: it answers vllm-tray alone.\n';

const stopped: ProbePart = { name: 'stopped', code: 137, text: '' };

/** Reads script and requests from `input`, and writes what `answer` gives for each to the channel. */
export function answerProbe(
  channel: ServerChannel,
  input: Readable,
  answer: (request: ProbeRequest) => readonly ProbePart[],
): void {
  let sentinel = '';
  let hasSaidHello = false;
  let pending = '';
  const say = (number: string, parts: readonly ProbePart[]): void => {
    const texts = parts.map(({ name, code, text }) => `\n${sentinel} part ${name} ${code}\n${text}`);
    channel.write(`\n${sentinel} begin ${number}\n${texts.join('')}\n${sentinel} end ${number}\n`);
  };
  const takeScript = (line: string): void => {
    // A script of another kind, with the launches of the host: there is no shell for it.
    if (line.startsWith('main() {')) {
      channel.write(noShell);
      channel.end();
    }
    sentinel += /^S=(?:"\$S")?(\w+)$/.exec(line)?.[1] ?? '';
    if (!line.startsWith('say 0 hello 0')) return;
    hasSaidHello = true;
    say('0', [{ name: 'hello', code: 0, text: 'no folder\n' }]);
  };
  const takeRequest = (line: string): void => {
    const [, verb, number, rest = ''] = /^([a-z]+) (\d+)((?: '[\w.,-]*')*)$/.exec(line) ?? [];
    if (verb === undefined || number === undefined) return;
    const words = [...rest.matchAll(/'([^']*)'/g)].map(([, word = '']) => word);
    say(number, verb === 'stop' ? [stopped] : answer({ verb, words }));
  };
  input.on('data', (chunk: Buffer) => {
    const lines = (pending + chunk.toString()).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      if (hasSaidHello) takeRequest(line);
      else takeScript(line);
    }
  });
}
