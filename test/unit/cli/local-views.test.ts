import { describe, expect, it } from 'vitest';
import { localJson, sessionsJson } from '../../../main/cli/json.ts';
import { elsewhereView, localView } from '../../../main/cli/local-views.ts';
import { textWidth } from '../../../main/cli/text-width.ts';
import { aFailure, aLocalServer } from '../../samples.ts';
import { foreign } from '../engine/elsewhere/samples.ts';
import { snapshot } from './sample.ts';

const plain = { width: null, colour: false };
const session = 'vllmctl_gpu1_8000_16101';
const tmux = foreign({
  id: `tmux ${session}`,
  owner: { kind: 'tmux', session },
  localPort: 16_101,
  state: { kind: 'dead', failure: aFailure('forward-dead', { step: 'forward' }) },
});
const ssh = foreign({ models: ['org/model', 'adapter'], state: { kind: 'answering' } });
const elsewhere = { tmux: 'available', processes: 'available', forwards: [tmux, ssh], lookedAt: 1 } as const;
const busy = snapshot({
  elsewhere,
  localServers: [
    { ...aLocalServer, port: 8000, owner: { kind: 'process', pid: 7, command: 'vllm serve' } },
    {
      ...aLocalServer,
      port: 8001,
      models: [],
      state: { kind: 'locked' },
      owner: { kind: 'process', pid: null, command: null },
    },
    { ...aLocalServer, port: 16_100, owner: { kind: 'foreign', foreignId: ssh.id } },
  ],
});

describe('this computer', () => {
  it('shows each model with whoever serves it', () => {
    expect(localView(busy, plain)).toEqual([
      ' PORT  MODEL                                  ENGINE  FROM       BY',
      ' 8000  org/model                              vllm               vllm serve (7)',
      ' 8001  (Needs an API key to show its models)  vllm',
      '16100  org/model                              vllm    gpu1:8000  ssh (42)',
    ]);
    expect(localView(snapshot(), plain)).toEqual(['No model answers on this computer.']);
  });

  it('shows what other programs forward, and why it is of no use', () => {
    expect(elsewhereView(busy, plain)).toEqual([
      'HELD BY                       HOST  REMOTE  LOCAL  MODEL              STATE',
      'tmux vllmctl_gpu1_8000_16101  gpu1    8000  16101                     Dead: Nothing listens on its local port',
      'ssh (42)                      gpu1    8000  16100  org/model adapter  Answering',
    ]);
    const bare = snapshot({
      elsewhere: { tmux: 'missing', processes: 'unsupported', forwards: [], lookedAt: 1 },
    });
    expect(elsewhereView(bare, plain)).toEqual([
      'No other program forwards.',
      '',
      'There is no tmux on this computer.',
      'Plain ssh processes cannot be listed on this system.',
    ]);
  });

  it('fits into a narrow terminal', () => {
    for (const width of [120, 60, 20])
      for (const line of [
        ...localView(busy, { width, colour: false }),
        ...elsewhereView(busy, { width, colour: false }),
      ])
        expect(textWidth(line)).toBeLessThanOrEqual(width);
  });

  it('prints as JSON what scripts rely on', () => {
    expect(localJson(busy)).toEqual({
      servers: [
        {
          localPort: 8000,
          model: 'org/model',
          status: 'local',
          alias: null,
          remotePort: null,
          tmuxSession: null,
        },
        { localPort: 8001, model: null, status: 'local', alias: null, remotePort: null, tmuxSession: null },
        {
          localPort: 16_100,
          model: 'org/model',
          status: 'forwarded',
          alias: 'gpu1',
          remotePort: 8000,
          tmuxSession: null,
        },
      ],
    });
    const row = { session, alias: 'gpu1', remotePort: 8000, localPort: 16_101, model: null };
    expect(sessionsJson([tmux, ssh])).toEqual({ sessions: [{ ...row, status: 'dead' }] });
    expect(sessionsJson([tmux], 'killed')).toEqual({ sessions: [{ ...row, status: 'killed' }] });
  });
});
