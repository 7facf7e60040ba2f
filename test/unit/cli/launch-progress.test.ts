import { expect, it } from 'vitest';
import type { Launch } from '#common/launches.ts';
import type { Engine } from '#engine/engine.ts';
import { followLog, launchLine } from '../../../main/cli/launch-progress.ts';
import { launch, snapshot } from '../../support/snapshot.ts';
import { createTerminal } from '../../support/terminal.ts';

it('the line below a log is as full as the launch is far', () => {
  const cells = (stage: Launch['stage']) => launchLine({ stage }, 7000).replace(/[^█░]/g, '');
  expect(cells({ kind: 'ready' })).toBe('█'.repeat(24));
  expect(cells({ kind: 'load', pct: 0 })).toBe('█'.repeat(12) + '░'.repeat(12));
  expect(launchLine({ stage: { kind: 'load', pct: 20 } }, 7000)).toMatch(/ 56 % .*20.%.*0:07$/);
});

/** An engine with one launch, whose log comes in these parts; null: its host is away then. */
function engineWith(parts: readonly (string | null)[], stages: readonly Launch['stage'][]): Engine {
  let asked = 0;
  let looked = 0;
  return {
    snapshot: () => {
      const stage = stages[Math.min(looked++, stages.length - 1)] ?? { kind: 'ready' };
      return snapshot({ launches: [launch('a', 'x', { stage })] });
    },
    handlers: {
      'launch.log': async ({ after }: { after: number }) => {
        const text = parts[asked++] ?? '';
        if (parts[asked - 1] === null) throw new Error('away');
        return { text, next: after + text.length };
      },
    },
  } as unknown as Engine;
}

it('the log is written until the launch has ended, its end included; a host that is away is asked again', async () => {
  const { io, out, err } = createTerminal({ home: '/nowhere' });
  const engine = engineWith(
    ['one\n', null, 'two\n', 'the end\n'],
    [{ kind: 'environment' }, { kind: 'load', pct: 1 }, { kind: 'ready' }, { kind: 'stopped', why: 'asked' }],
  );
  const options = { io, output: io.out, untilMs: Number.POSITIVE_INFINITY, isOver: () => false };
  const last = await followLog(engine, launch('a', 'x').id, options);
  expect(last?.stage.kind).toBe('stopped');
  expect(out()).toBe('one\ntwo\nthe end\n');
  // No bar where it would go into a file.
  expect(err()).toBe('');
});

it('ends when its time is over, and when the person has had enough', async () => {
  const { io, interrupt } = createTerminal({ home: '/nowhere' });
  const engine = engineWith([], [{ kind: 'environment' }]);
  const rest = { io, output: io.out, isOver: () => false };
  const { id } = launch('a', 'x');
  expect((await followLog(engine, id, { ...rest, untilMs: 0 }))?.stage.kind).toBe('environment');
  interrupt();
  const after = await followLog(engine, id, { ...rest, untilMs: Number.POSITIVE_INFINITY });
  expect(after?.stage.kind).toBe('environment');
});
