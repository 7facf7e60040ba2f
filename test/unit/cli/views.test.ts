import { describe, expect, it } from 'vitest';
import type { Snapshot } from '#common/snapshot.ts';
import { progressLine } from '../../../main/cli/progress.ts';
import type { TextStyle } from '../../../main/cli/table.ts';
import { textWidth } from '../../../main/cli/text-width.ts';
import { linesOf, type View } from '../../../main/cli/view.ts';
import { gpusView, hostsView, modelsView, ranges } from '../../../main/cli/views.ts';
import { busy, gpu, host, noGpu, refused, server, snapshot } from './sample.ts';

const plain = { width: null, colour: false };
/** As it is printed once. */
const printed = (
  view: (shown: Snapshot, style: TextStyle) => View,
  shown: Snapshot,
  style: TextStyle = plain,
) => linesOf(view(shown, style), style);

describe('the GPUs', () => {
  const hosts = [
    host('away', { state: refused }),
    host('busy', { gpus: [busy(0), busy(1, { problem: 'GPU requires reset' })] }),
    host('none', { state: noGpu }),
    host('free', { gpus: [gpu(0), busy(1), gpu(2), gpu(3)] }),
  ];

  it('stand with the most idle host first and the failed ones last, with cause and remedy', () => {
    expect(printed(gpusView, snapshot({ hosts }))).toEqual([
      '3 idle of 6 GPUs · 3 of 4 hosts · 0 models · 0 forwards',
      '',
      'HOST  IDLE  UTIL   MEM GiB  IDLE GPUS  GPUS                                   USERS',
      'free   3/4  23 %  39.1/319  0,2-3      4 × NVIDIA H100 80GB HBM3              ada',
      'busy   0/2  90 %  78.1/159             2 × NVIDIA H100 80GB HBM3, 1 in error  ada',
      'none                                   There is no GPU tool on this host',
      '',
      `ssh -t free 'exec env CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=0,2,3 "$SHELL" -l'`,
      '',
      'HOST  NO ANSWER',
      'away  The host refused the connection (connect ECONNREFUSED 127.0.0.1:2)',
      '  Check that sshd runs there and that the port is right.',
    ]);
  });

  it('have no line to copy that leads to a demo cluster which ends with the program', () => {
    const demo = snapshot({ hosts, source: { kind: 'demo', configFile: '/tmp/demo/config' } });
    const isSsh = (line: string): boolean => line.startsWith('ssh ');
    expect(printed(gpusView, demo).filter(isSsh)).toEqual([]);
    expect(printed(gpusView, demo, { ...plain, nowMs: 0 }).filter(isSsh)).toHaveLength(1);
  });

  it('count down to the next try of what is away, where they are drawn again and again', () => {
    const nowMs = 1_000_000;
    const [away] = hosts.filter(({ alias }) => alias === 'away');
    if (away === undefined || !('failure' in away.state)) throw new Error('no host that is away');
    const { state } = away;
    const lines = (nextAttemptAt: number | null, style: TextStyle) => {
      const failing = { ...away, state: { ...state, failure: { ...state.failure, nextAttemptAt } } };
      return printed(gpusView, snapshot({ hosts: [failing] }), style).slice(4, 6);
    };
    const live = { ...plain, nowMs };
    const [titles, row] = lines(nowMs + 6200, live);
    expect([titles, row]).toEqual([expect.stringMatching(/ NEXT TRY$/), expect.stringMatching(/ in 0:07$/)]);
    expect(lines(nowMs - 1, live)[1]).toMatch(/ now$/);
    for (const [at, style] of [
      [null, live],
      [nowMs, plain],
    ] as const)
      expect(lines(at, style).join()).not.toMatch(/NEXT TRY|now$/);
  });

  it('fit into a narrow terminal', () => {
    for (const width of [120, 80, 60, 40, 20])
      for (const line of printed(gpusView, snapshot({ hosts }), { width, colour: false }))
        expect(textWidth(line)).toBeLessThanOrEqual(width);
  });

  it('are labelled where they are the demo', () => {
    expect(printed(gpusView, snapshot({ source: { kind: 'demo' } }))[0]).toMatch(/^Demo cluster: /);
  });

  it('have colours only where they are wanted', () => {
    expect(printed(gpusView, snapshot({ hosts })).join('')).not.toContain('\u001b');
    expect(printed(gpusView, snapshot({ hosts }), { width: null, colour: true }).join('')).toContain(
      '\u001b[32m3/4\u001b[39m',
    );
  });
});

it('draws runs of indices together', () => {
  expect(ranges([])).toBe('');
  expect(ranges([7, 0, 1, 2, 5])).toBe('0-2,5,7');
});

it('shows each model, and why a server shows none', () => {
  const servers = [
    server('a', 8000),
    server('a', 8001, { state: { kind: 'locked' }, models: [], engine: null, version: null }),
  ];
  expect(printed(modelsView, snapshot({ hosts: [host('a')], servers })).slice(2)).toEqual([
    'HOST  PORT  MODEL                                  ENGINE  VERSION  CONTEXT  STATE',
    'a     8000  org/model                              vllm    0.11.0     32768  Up',
    'a     8001  (Needs an API key to show its models)                            Locked',
  ]);
  expect(printed(modelsView, snapshot({ hosts: [host('a')] }))).toContain('No model found.');
  const all = snapshot({ hosts: [host('a'), host('b'), host('c', { state: refused })], servers });
  const wide = linesOf(modelsView(all, plain, { withoutModels: true }), plain);
  expect(wide.slice(5, 7)).toEqual(['b           (no model)', '']);
});

it('lists the hosts', () => {
  expect(hostsView(snapshot({ hosts: [host('a'), host('b', { endpoint: null })] }), plain)).toEqual([
    'HOST  ADDRESS    PORT  USER',
    'a     a.example    22  me',
    'b     ?             ?  ?',
  ]);
});

it('draws the progress of a scan and nothing else', () => {
  const running = { kind: 'running', done: 9, total: 20, startedAt: 1000 } as const;
  expect(progressLine(running, 8500)).toBe('██████████░░░░░░░░░░░░░░  45 %  9 of 20 hosts  0:07');
  expect(progressLine({ ...running, done: 20 }, 8500)).toContain('████ 100 %');
  expect(progressLine({ ...running, done: 0, total: 0 }, 1000)).toContain('100 %');
  expect(progressLine({ kind: 'never' }, 0)).toBe('');
});
