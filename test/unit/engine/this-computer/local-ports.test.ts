import { expect, it } from 'vitest';
import { defaultSettings, type Settings } from '#common/settings.ts';
import { type LocalPortsOptions, portsToAsk } from '#engine/this-computer/local-ports.ts';
import { listens } from '../../../support/discovery.ts';
import { forward } from '../../../support/snapshot.ts';
import { aProcess, findings, found } from '../../../support/this-computer.ts';

/** `8000` for a port that is asked, `8000!` for one that is expected to answer. */
function asked(options: Partial<LocalPortsOptions>, settings: Partial<Settings> = {}): readonly string[] {
  const candidates = portsToAsk({
    findings: findings(),
    listening: [],
    snapshot: { forwards: [], settings: { ...defaultSettings, ...settings } },
    copies: [],
    ownPid: 1,
    ownPorts: [],
    ...options,
  });
  return candidates.map(({ port, expected }) => `${port}${expected ? '!' : ''}`);
}

it('are those of model servers by name, the usual ones, and those of the range for forwards', () => {
  const listening = [
    listens(22, { process: 'sshd' }),
    listens(631, { process: 'cupsd' }),
    listens(5432, { process: 'postgres' }),
    listens(7777, { process: 'ollama', pid: 5 }),
    listens(7778, { process: 'python3', pid: 6 }),
    listens(7779, { process: 'python3', pid: 7 }),
    listens(8000),
    listens(11_434),
    listens(16_150),
    listens(17_000, { process: 'ssh', pid: 9 }),
    listens(17_001, { process: 'node', pid: 10 }),
    // Inner sockets of an engine, which must be left alone.
    listens(45_000, { process: 'vllm', pid: 6 }),
  ];
  const list = [
    aProcess(6, '/usr/bin/python3 -m vllm.entrypoints.openai.api_server --port 7778'),
    aProcess(7, '/usr/bin/python3 train.py'),
  ];
  expect(asked({ listening, findings: findings({ list }) })).toEqual([
    '7777!',
    '7778!',
    '8000',
    '11434',
    '16150',
    '17000',
  ]);
});

it('are never those of this aProcess, of its forwards, of its faces, nor the ones to skip', () => {
  const listening = [
    listens(8000, { pid: 1, process: 'node' }),
    listens(8001, { pid: 2 }),
    listens(8080, { pid: 2 }),
    listens(16_100, { pid: 2 }),
    listens(1234, { pid: 2 }),
  ];
  const settings = { ...defaultSettings, modelPorts: { extra: [8001, 8080], skip: [8001] } };
  const snapshot = { forwards: [forward('gpu1', 8000, { localPort: 16_100 })], settings };
  expect(asked({ listening, snapshot, ownPorts: [8080] })).toEqual(['1234']);
});

it('are those of forwards of others, seen to listen or not', () => {
  const forwards = [found({ localPort: 40_000 }), found({ localPort: 40_001 }), found({ localPort: 40_002 })];
  const listening = [listens(40_000, { pid: 42, process: 'ssh' }), listens(40_002, { pid: 1 })];
  expect(asked({ listening, findings: findings({ forwards }) })).toEqual(['40000!', '40001!']);
  expect(asked({ listening: null, findings: findings({ forwards }) })).toEqual([
    '40000!',
    '40001!',
    '40002!',
  ]);
  const skipping = { modelPorts: { extra: [], skip: [40_000, 40_001] } };
  expect(asked({ listening, findings: findings({ forwards }) }, skipping)).toEqual([]);
});

it('name the addresses at which something listens', () => {
  const listening = [listens(8000, { address: '::1', alternatives: ['10.0.0.1'] })];
  const [candidate] = portsToAsk({
    findings: findings(),
    listening,
    snapshot: { forwards: [], settings: defaultSettings },
    copies: [],
    ownPid: 1,
    ownPorts: [],
  });
  expect(candidate).toMatchObject({ port: 8000, addresses: ['::1', '10.0.0.1'] });
});

it('are those of the forwards of another copy of the app, while that has them', () => {
  const copies = [
    { hostId: 'gpu1', remotePort: 8000, localPort: 40_000, pid: 7 },
    { hostId: 'gpu1', remotePort: 8001, localPort: 40_001, pid: 7 },
    { hostId: 'gpu1', remotePort: 8002, localPort: 40_002, pid: 7 },
  ];
  const listening = [
    listens(40_000, { process: 'node', pid: 7 }),
    listens(40_001, { process: 'node', pid: 8 }),
    listens(40_003, { process: 'node', pid: 7 }),
  ];
  expect(asked({ listening, copies })).toEqual(['40000!']);
});
