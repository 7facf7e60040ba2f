import { randomBytes } from 'node:crypto';
import { AppError, type ErrorCode } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import { after } from '#common/timer.ts';
import type { Transport } from '../ssh/transport.ts';
import { shellCommand } from './script.ts';

export interface RunScriptOptions {
  /** For the script as a whole, the opening of its channel included. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Some hundred launches with their logs. */
const mostBytes = 16_000_000;

/**
 * Runs a script by the host's sh and returns what it printed. The command of the channel is always the same; the script goes to
 * its input, so that no word of it is in an argument that other users see. What a login prints before or after is left out.
 * Errors: those of `exec`, `no-shell`, `probe-timeout`, `probe-garbled`, `connection-lost`, `cancelled`.
 */
export async function runScript(
  transport: Transport,
  script: string,
  { timeoutMs, signal }: RunScriptOptions,
): Promise<string> {
  const mark = randomBytes(16).toString('hex');
  const channel = await transport.exec(shellCommand, { signal, timeoutMs });
  const ending = `${mark} end\n`;
  return await new Promise((resolve, reject) => {
    let parts: Buffer[] = [];
    let size = 0;
    const finish = (error: AppError | null): void => {
      timer.cancel();
      signal.removeEventListener('abort', cancel);
      channel.removeAllListeners('data').destroy();
      const text = Buffer.concat(parts).toString('utf8');
      const answer = text.split(`${mark} begin\n`)[1]?.split(ending);
      if (error === null && answer?.length === 2) resolve(answer[0] ?? '');
      else reject(error ?? new AppError('no-shell', { step: 'launch', detail: plainText(text) }));
    };
    const fail = (code: ErrorCode, detail = ''): void =>
      finish(new AppError(code, { step: 'launch', detail }));
    const cancel = (): void => fail('cancelled');
    const timer = after(timeoutMs, () => fail('probe-timeout', `no answer for ${timeoutMs} ms`));
    signal.addEventListener('abort', cancel, { once: true });
    channel.on('data', (bytes: Buffer) => {
      size += bytes.length;
      if (size > mostBytes) return fail('probe-garbled');
      parts.push(bytes);
      if (!bytes.includes(10)) return;
      // The mark may come in pieces; a program that the script has left behind may keep the channel open.
      if (Buffer.concat(parts.slice(-ending.length)).includes(ending)) finish(null);
      else if (parts.length > 1000) parts = [Buffer.concat(parts)];
    });
    channel.once('end', () => finish(null));
    channel.on('error', () => fail('connection-lost'));
    channel.once('close', () => fail('connection-lost'));
    channel.end(`echo ${mark} begin\n${script}\necho ${mark} end\n`);
  });
}
