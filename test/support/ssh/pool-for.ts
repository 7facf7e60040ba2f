import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { AppError } from '#common/failure.ts';
import { askNobody } from '#engine/ssh/asking.ts';
import { createResolver } from '#engine/ssh/config/resolve.ts';
import { createPool, type Pool, type PoolDeps } from '#engine/ssh/pool.ts';
import type { Transport } from '#engine/ssh/transport.ts';
import { createTrust } from '#engine/ssh/trust/trust.ts';
import { type Sshd, type SshdOptions, startSshd } from './sshd.ts';

/** A pool on this configuration, with an empty home and no agent unless the overrides say otherwise. */
export function poolFor(configPath: string, overrides: Partial<PoolDeps> = {}): Pool {
  const home = overrides.home ?? '/nonexistent-home';
  const env = overrides.env ?? { PATH: process.env.PATH };
  return createPool({
    resolver: createResolver({ sshConfigPath: configPath, limit: 8, home, env }),
    limits: () => ({ handshakes: 16, handshakesPerServer: 6 }),
    connectMs: () => 10_000,
    home,
    env,
    log: () => undefined,
    trust: createTrust(),
    recall: askNobody,
    ...overrides,
  });
}

/** Runs a command to its end and returns its output. */
export async function output(transport: Transport, command: string): Promise<string> {
  const stream = await transport.exec(command);
  stream.end();
  return text(stream);
}

/** The AppError a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<AppError> {
  return promise.then(
    () => {
      throw new Error('it was expected to fail');
    },
    (error: AppError) => error,
  );
}

/** A real sshd for the test that runs now, stopped after it however it ends. */
export async function startTestSshd(options: SshdOptions): Promise<Sshd> {
  const sshd = await startSshd(options);
  onTestFinished(() => sshd.stop());
  return sshd;
}
