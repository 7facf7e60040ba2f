/** A gateway in front of model servers behind a real sshd: the engine scans the host `lab` and answers for what it found. */

import { createHash } from 'node:crypto';
import http from 'node:http';
import { onTestFinished } from 'vitest';
import type { GatewayAccess } from '#common/gateway.ts';
import type { Settings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { type EngineOptions, engineFor } from './engine-for.ts';
import { quietPort } from './launch-host.ts';
import type { Sshd } from './ssh/sshd.ts';
import { bodyOf } from './stand-in-model.ts';

export interface TestGateway extends GatewayAccess {
  readonly engine: Engine;
  readonly port: number;
  /** The headers that carry the key. */
  readonly auth: { readonly authorization: string };
  dispose(): Promise<void>;
}

export interface TestGatewayOptions extends Omit<EngineOptions, 'remotePorts'> {
  readonly stickiness?: Settings['gateway']['stickiness'];
}

/** Gone after the test. */
export async function openTestGateway(
  sshd: Sshd,
  remotePorts: readonly number[],
  { stickiness = 'session', settings, ...options }: TestGatewayOptions = {},
): Promise<TestGateway> {
  const port = await quietPort();
  const engine = engineFor(await sshd.configPath(sshd.dir), {
    remotePorts,
    settings: { gateway: { enabled: true, port, stickiness }, ...settings },
    ...options,
  });
  const dispose = (): Promise<void> => engine.dispose();
  onTestFinished(dispose);
  await engine.loadHosts();
  await engine.scan();
  const access = await engine.openGateway();
  return { ...access, engine, port, auth: { authorization: `Bearer ${access.key}` }, dispose };
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface RawRequest extends http.RequestOptions {
  readonly body?: string | Buffer;
}

/** One request over a connection of its own, unless the options name an agent. */
export function ask({ body, ...options }: RawRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', agent: false, ...options });
    request.on('error', reject);
    request.on('response', (response) => {
      bodyOf(response).then(
        (whole) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            body: whole,
          }),
        reject,
      );
    });
    request.end(body);
  });
}

export const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');
