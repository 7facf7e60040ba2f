import { describe, expect, test } from 'vitest';
import { explicitCandidates, likelyCandidates, type PortRules } from '#engine/models/candidates.ts';
import { engineOfProcess } from '#engine/models/process-names.ts';
import { parseNetstat } from '#engine/probe/netstat.ts';
import { type ListeningPort, parseSs } from '#engine/probe/ports.ts';
import { listens } from '../../../support/discovery.ts';
import { describeFixtures } from '../../../support/fixtures.ts';

const none: PortRules = { extraPorts: [], skipPorts: [] };

const ports = (listening: readonly ListeningPort[], rules = none) =>
  likelyCandidates(listening, rules).map((candidate) => candidate.port);

describe('explicit ports', () => {
  test('are asked where they are bound, else at 127.0.0.1, once each', () => {
    const listening = [
      listens(8000, { address: '127.0.0.1', alternatives: ['::1'] }),
      listens(9000, { address: '10.0.0.5', process: 'vllm', pid: 7 }),
    ];
    const nobody = { process: null, pid: null };
    expect(explicitCandidates([9000, 22, 8000, 9000], listening)).toEqual([
      { port: 22, addresses: ['127.0.0.1'], expected: true, ...nobody },
      { port: 8000, addresses: ['127.0.0.1', '::1'], expected: true, ...nobody },
      { port: 9000, addresses: ['10.0.0.5'], expected: true, process: 'vllm', pid: 7 },
    ]);
    expect(explicitCandidates([8000], null)).toEqual([
      { port: 8000, addresses: ['127.0.0.1'], expected: true, ...nobody },
    ]);
  });
});

describe('likely ports', () => {
  test('without a table: the usual one and the extra ones', () => {
    expect(likelyCandidates(null, { extraPorts: [9001], skipPorts: [] }).map(({ port }) => port)).toEqual([
      8000, 9001,
    ]);
    expect(likelyCandidates(null, { extraPorts: [9001], skipPorts: [8000] }).map(({ port }) => port)).toEqual(
      [9001],
    );
  });

  test('known services are left alone, by port and by process; others are asked', () => {
    const listening = [
      ...[22, 25, 53, 80, 111, 443, 631, 2049, 3306, 5432, 6379, 9092, 11_211, 27_017, 29_500].map((port) =>
        listens(port),
      ),
      listens(7777, { process: 'sshd' }),
      listens(7778, { process: 'redis-server' }),
      listens(7779, { process: 'systemd-resolve' }),
      listens(7780, { process: 'python3' }),
      listens(7781),
      listens(7782, { process: 'docker-proxy' }),
    ];
    expect(ports(listening)).toEqual([80, 7780, 7781, 7782]);
  });

  test('a server is expected on the usual port, on extra ports and behind a known process', () => {
    const listening = [
      listens(5000),
      listens(8000),
      listens(8080, { process: 'llama-server' }),
      listens(11_434, { process: 'ollama' }),
      listens(22, { process: 'sshd' }),
      listens(9999),
      listens(40_000, { process: 'ollama' }),
    ];
    const found = likelyCandidates(listening, { extraPorts: [9999, 22], skipPorts: [11_434] });
    expect(found.map(({ port, expected }) => [port, expected])).toEqual([
      [22, true],
      [8000, true],
      [8080, true],
      [9999, true],
      [5000, false],
      [40_000, false],
    ]);
  });

  test("a training job's sockets are left alone: the system's choice of port on a network address", () => {
    expect(
      ports([
        listens(45_001, { address: '10.0.0.5', process: 'python3', pid: 7 }),
        listens(45_002, { address: '10.0.0.5' }),
        listens(45_003, { process: 'VLLM::EngineCor' }),
        listens(45_004, { process: 'ray::IDLE' }),
        listens(45_005),
        listens(30_000, { address: '10.0.0.5' }),
      ]),
    ).toEqual([30_000, 45_005]);
  });

  test('but a process that is known to serve models is asked there too, and before the others', () => {
    expect(
      ports([
        listens(33_000),
        listens(45_001, { address: '10.0.0.5', process: 'vllm', pid: 7 }),
        listens(45_002, { address: '10.0.0.5', process: 'llama-server', pid: 8 }),
        listens(45_003, { address: '10.0.0.5', process: 'VLLM::Worker_TP', pid: 9 }),
      ]),
    ).toEqual([45_001, 45_002, 33_000]);
  });

  test('an inner process of an engine is not expected to answer, whatever its port', () => {
    const listening = ['VLLM::EngineCor', 'sglang::schedul', 'sglang::detoken'].map((process, index) =>
      listens(5000 + index, { process, pid: index + 2 }),
    );
    expect(ports(listening)).toEqual([]);
  });

  test('so are the inner sockets of a server that has a port of its own', () => {
    const vllm = { process: 'vllm', pid: 4242 };
    expect(
      ports([listens(8000, vllm), listens(41_001, vllm), listens(41_002, { process: 'vllm', pid: 99 })]),
    ).toEqual([8000, 41_002]);
  });

  test('at most 64 a host, the likely ones first', () => {
    const listening = Array.from({ length: 500 }, (_, index) => listens(1500 + index * 100));
    const found = ports([...listening, listens(65_000, { process: 'x' })], {
      extraPorts: [51_400],
      skipPorts: [],
    });
    expect(found).toHaveLength(64);
    expect(found[0]).toBe(8000);
    expect(found[1]).toBe(51_400);
    expect(found.slice(2)).toEqual([...found.slice(2)].sort((a, b) => a - b));
  });
});

describe('the engine that a process name tells', () => {
  test.each([
    ['vllm', 'vllm'],
    ['VLLM::APIServer', 'vllm'],
    ['VLLM::EngineCor', null],
    ['VLLM::Worker_TP', null],
    ['sglang::server', 'sglang'],
    ['sglang::schedul', null],
    ['llama-server', 'llama.cpp'],
    ['ollama', 'ollama'],
    ['text-generation', 'tgi'],
    ['LM Studio', 'lmstudio'],
    ['tabbyapi', 'openai'],
    ['python3', null],
    ['sshd', null],
    [null, null],
  ])('%j: %j', (name, engine) => {
    expect(engineOfProcess(name)).toBe(engine);
  });
});

describeFixtures('ports', (files) => {
  test('of a vLLM that starts in a container only the wildcard is asked: a name would say more', () => {
    const text = files.find(({ name }) => name.includes('vllm-container'))?.text ?? '';
    expect(ports(parseNetstat(text))).toEqual([34_315]);
    expect(ports(parseNetstat(text.replaceAll('python3', 'vllm')))).toEqual([33_465, 34_315, 37_769, 49_279]);
  });

  test('of the sockets of a desktop, Ollama and what has no name', () => {
    const text = files.find(({ name }) => name.includes('with-ollama'))?.text ?? '';
    expect(ports(parseNetstat(text))).toEqual([
      1716, 3000, 8001, 11_434, 35_439, 36_597, 38_127, 46_463, 46_519,
    ]);
  });

  test('of the sockets of a real server, its databases and daemons are left alone', () => {
    const text = files.find(({ name }) => name.startsWith('ss_'))?.text ?? '';
    const found = likelyCandidates(parseSs(text), none);
    expect(found[0]).toMatchObject({ port: 8000, expected: true });
    for (const port of [22, 25, 53, 111, 1883, 2377, 3306, 5432, 6379, 7946, 9100, 9187, 27_017])
      expect(found.map((candidate) => candidate.port)).not.toContain(port);
  });
});
