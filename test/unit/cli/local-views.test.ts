import { describe, expect, it } from 'vitest';
import { localJson, sessionsJson } from '../../../main/cli/json.ts';
import { localView, otherForwardsView } from '../../../main/cli/local-views.ts';
import { textWidth } from '../../../main/cli/text-width.ts';
import { aFailure, aLocalServer } from '../../support/samples.ts';
import { otherForward } from '../../support/this-computer.ts';
import { snapshot } from './sample.ts';

const plain = { width: null, colour: false };
const session = 'vllmctl_gpu1_8000_16101';
const tmux = otherForward({
  id: `tmux ${session}`,
  owner: { kind: 'tmux', session },
  localPort: 16_101,
  state: { kind: 'dead', failure: aFailure('forward-dead', { step: 'forward' }) },
});
const ssh = otherForward({ models: ['org/model', 'adapter'], state: { kind: 'answering' } });
const otherForwards = {
  tmux: 'available',
  processes: 'available',
  forwards: [tmux, ssh],
  lookedAt: 1,
} as const;
const busy = snapshot({
  otherForwards,
  localServers: [
    {
      ...aLocalServer,
      port: 8000,
      owner: { kind: 'process', pid: 7, command: 'vllm serve', session: 'work' },
    },
    {
      ...aLocalServer,
      port: 8001,
      models: [],
      state: { kind: 'locked' },
      owner: { kind: 'process', pid: null, command: null },
    },
    { ...aLocalServer, port: 16_100, owner: { kind: 'other-forward', otherForwardId: ssh.id } },
  ],
});

describe('this computer', () => {
  it('shows each model with whoever serves it', () => {
    expect(localView(busy, plain)).toEqual([
      ' PORT  MODEL                                  ENGINE  FROM       BY                          STATE',
      ' 8000  org/model                              vllm               vllm serve (7), tmux: work  Up',
      ' 8001  (Needs an API key to show its models)  vllm                                           Locked',
      '16100  org/model                              vllm    gpu1:8000  ssh (42)                    Up',
    ]);
    expect(localView(snapshot(), plain)).toEqual(['There are no local servers.']);
  });

  it('shows other forwards, and why it is of no use', () => {
    expect(otherForwardsView(busy, plain)).toEqual([
      'HELD BY                       HOST  REMOTE  LOCAL  MODEL              STATE',
      'tmux vllmctl_gpu1_8000_16101  gpu1    8000  16101                     Dead: Nothing listens on its local port',
      'ssh (42)                      gpu1    8000  16100  org/model adapter  Answering',
    ]);
    const bare = snapshot({
      otherForwards: { tmux: 'missing', processes: 'unsupported', forwards: [], lookedAt: 1 },
    });
    expect(otherForwardsView(bare, plain)).toEqual([
      'There are no other forwards.',
      '',
      'There is no tmux on this computer.',
      'Plain ssh processes cannot be listed on this system.',
    ]);
  });

  it('says of a forward that other computers may use it', () => {
    const open = { ...ssh, localAddress: '*' };
    const owner = { kind: 'other-forward', otherForwardId: open.id } as const;
    const shown = snapshot({
      otherForwards: { ...otherForwards, forwards: [open] },
      localServers: [{ ...aLocalServer, port: open.localPort, owner }],
    });
    expect(otherForwardsView(shown, plain)[1]).toMatch(/Answering, open to the network$/);
    expect(localView(shown, plain)[1]).toMatch(/ssh \(42\), open to the network {2}Up$/);
  });

  it('fits into a narrow terminal', () => {
    for (const width of [120, 60, 20])
      for (const line of [
        ...localView(busy, { width, colour: false }),
        ...otherForwardsView(busy, { width, colour: false }),
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
          tmuxSession: 'work',
        },
        {
          localPort: 8001,
          model: null,
          status: 'local',
          alias: null,
          remotePort: null,
          tmuxSession: null,
        },
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
