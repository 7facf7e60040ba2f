import { expect, it } from 'vitest';
import { defaultSettings, type Settings } from '#common/settings.ts';
import type { Candidate } from '#engine/models/candidates.ts';
import type { PortAnswer } from '#engine/this-computer/ask.ts';
import { createAsker } from '#engine/this-computer/asker.ts';
import { always, engine, httpServer, list, page, tcpServer, vllm } from '../../support/model-servers.ts';
import { freePort } from '../../support/ssh/sshd.ts';
import { candidate } from '../../support/this-computer.ts';

const expected = (port: number, fields: Partial<Candidate> = {}): Candidate =>
  candidate(port, { expected: true, ...fields });

function asker(fields: Partial<Settings> = {}, signal = new AbortController().signal) {
  const one = createAsker({ settings: () => ({ ...defaultSettings, ...fields }), signal });
  return {
    refusing: one.refusing,
    async ask(
      candidates: readonly Candidate[],
      thorough: boolean,
      onEach: (port: number) => void = () => undefined,
    ) {
      const answers = new Map<number, PortAnswer>();
      await one.ask(candidates, {
        thorough,
        onAnswer({ port }, answer) {
          answers.set(port, answer);
          onEach(port);
        },
      });
      return answers;
    },
  };
}

const patient = { ...defaultSettings.timeouts, httpMs: 2000 };

it('says what each port is', async () => {
  const ports = {
    model: await httpServer(vllm('org/model')),
    other: await httpServer(always(200, '<p>hello</p>')),
    hangsUp: await tcpServer((socket) => socket.destroy()),
    silent: await tcpServer(() => undefined),
    nobody: await freePort(),
  };
  const answers = await asker({ timeouts: patient }).ask(
    Object.values(ports).map((port) => expected(port)),
    true,
  );
  expect(answers.get(ports.model)).toMatchObject({
    kind: 'server',
    server: { engine: 'vllm', version: '0.8.4', models: [{ id: 'org/model' }] },
  });
  expect(answers.get(ports.other)).toMatchObject({
    kind: 'no-models',
    error: { code: 'server-not-openai' },
    closed: false,
  });
  expect(answers.get(ports.hangsUp)).toMatchObject({ kind: 'no-models', closed: true });
  expect(answers.get(ports.silent)).toMatchObject({ kind: 'no-models', error: { code: 'server-timeout' } });
  expect(answers.get(ports.nobody)).toEqual({ kind: 'refused' });
});

it('tries the other address of a wildcard', async () => {
  const port = await httpServer(vllm('org/model'));
  const answers = await asker().ask([expected(port, { addresses: ['127.0.0.2', '127.0.0.1'] })], true);
  expect(answers.get(port)).toMatchObject({ kind: 'server', server: { address: '127.0.0.1' } });
});

it('asks a server that it knows for its list alone', async () => {
  const server = engine({
    '/v1/models': list({ id: 'a', owned_by: 'vllm', max_model_len: 1 }),
    '/version': page({ version: '1' }),
  });
  const port = await httpServer(server.handler);
  const one = asker();
  await one.ask([expected(port)], false);
  const first = server.asked.length;
  expect(first).toBeGreaterThan(1);
  const again = await one.ask([expected(port)], false);
  expect(server.asked.slice(first)).toEqual(['/v1/models']);
  expect(again.get(port)).toMatchObject({ kind: 'server', server: { version: '1' } });
});

it('leaves a port alone that was something else, until another process has it', async () => {
  const port = await httpServer(always(404, ''));
  const one = asker();
  const ask = async (fields: Partial<Candidate>, thorough = false) =>
    (await one.ask([candidate(port, { expected: false, pid: 5, ...fields })], thorough)).size;
  expect(await ask({})).toBe(1);
  expect(await ask({})).toBe(0);
  expect(await ask({}, true)).toBe(1);
  expect(await ask({ expected: true })).toBe(1);
  expect(await ask({ pid: 6 })).toBe(1);
});

it('asks no more at once than the settings say', async () => {
  let now = 0;
  let most = 0;
  const ports = await Promise.all(
    Array.from({ length: 6 }, () =>
      httpServer((_request, response) => {
        now += 1;
        most = Math.max(most, now);
        setImmediate(() => {
          now -= 1;
          response.writeHead(404).end();
        });
      }),
    ),
  );
  const limits = { ...defaultSettings.limits, localPorts: 2 };
  const answers = await asker({ limits }).ask(
    ports.map((port) => expected(port)),
    true,
  );
  expect(answers.size).toBe(6);
  expect(most).toBeLessThanOrEqual(2);
});

it('ends when it is told to', async () => {
  const port = await tcpServer(() => undefined);
  const ending = new AbortController();
  const asked = asker({}, ending.signal).ask([expected(port)], true);
  ending.abort();
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
});

it('tells each answer when it comes, however many ports are silent', async () => {
  const silent = await Promise.all(Array.from({ length: 12 }, () => tcpServer(() => undefined)));
  const model = await httpServer(vllm('org/model'));
  const ending = new AbortController();
  const limits = { ...defaultSettings.limits, localPorts: 2 };
  const heard: number[] = [];
  const timeouts = { ...defaultSettings.timeouts, httpMs: 60_000 };
  const asking = asker({ limits, timeouts }, ending.signal).ask(
    [...silent, model].map((port) => expected(port)),
    true,
    (port) => heard.push(port),
  );
  await expect.poll(() => heard).toEqual([model]);
  ending.abort();
  await expect(asking).rejects.toMatchObject({ code: 'cancelled' });
});

it('finds out where nothing listens, and says nothing where something does', async () => {
  let bytes = 0;
  const silent = await tcpServer((socket) => {
    socket.on('data', ({ length }) => {
      bytes += length;
    });
  });
  const nobody = await freePort();
  const one = asker();
  expect(await one.refusing([expected(silent), expected(nobody)])).toEqual([expected(nobody)]);
  const wildcard = expected(silent, { addresses: ['127.0.0.2', '127.0.0.1'] });
  expect(await one.refusing([wildcard])).toEqual([]);
  expect(bytes).toBe(0);
});
