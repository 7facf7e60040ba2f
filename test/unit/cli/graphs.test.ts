import { expect, it } from 'vitest';
import { createHistory } from '#engine/history/history.ts';
import { gpuGraphs, queueGraphs } from '../../../main/cli/graphs.ts';
import { queuesView } from '../../../main/cli/queue-view.ts';
import { linesOf } from '../../../main/cli/view.ts';
import { gpusView } from '../../../main/cli/views.ts';
import { aLoad } from '../../support/samples.ts';
import { gpu, host, server, snapshot } from './sample.ts';

const style = { width: null, colour: false };

it('draw the mean use and the used part of the memory of all GPUs of a host, between 0 and 100 percent', () => {
  const history = createHistory(() => 0);
  const at = (measuredAt: number, used: readonly (number | null)[]) =>
    snapshot({
      hosts: [
        host('a', {
          measuredAt,
          gpus: used.map((utilPct, index) =>
            gpu(index, { utilPct, memUsedMiB: utilPct === null ? null : utilPct * 10, memTotalMiB: 1000 }),
          ),
        }),
      ],
    });
  const steps = [at(1, [0, 0]), at(2, [100, 0]), at(3, [null, null]), at(4, [100, 100])];
  for (const step of steps) history.observe(step);
  const last = steps.at(-1) ?? snapshot();
  const graphs = gpuGraphs({ history }, last, 5);
  expect(graphs.utilPct.get('a')).toEqual([null, 0, 50, null, 100]);
  expect(graphs.memUsedPct.get('a')).toEqual([null, 0, 50, null, 100]);
  expect(gpuGraphs({ history }, last, 2).utilPct.get('a')).toEqual([null, 100]);
  const lines = linesOf(gpusView(last, style, graphs), style);
  expect(lines[2]).toMatch(/UTIL 0-100 % +MEM 0-100 %$/);
  expect(lines[3]).toMatch(/ {3}▁▅ █ +▁▅ █$/);
  // The oldest part goes where there is no room.
  const narrow = linesOf(gpusView(last, style, gpuGraphs({ history }, last, 40)), {
    width: 96,
    colour: false,
  });
  expect(narrow[3]).toMatch(/▁▅ █/);
  expect(narrow[3]?.length).toBeLessThanOrEqual(96);
});

it('draw waiting, running and output of all models on one axis each', () => {
  const history = createHistory(() => 0);
  const at = (loads: readonly (readonly [running: number, waiting: number])[]) =>
    snapshot({
      hosts: [host('a')],
      servers: loads.map(([running, waiting], index) =>
        server('a', 8000 + index, {
          loads: [{ ...aLoad, model: 'org/model', running, waiting, generationTokensPerSecond: 0 }],
        }),
      ),
    });
  const [first, last] = [
    at([
      [0, 0],
      [9, 1],
    ]),
    at([
      [5, 0],
      [10, 2],
    ]),
  ];
  history.observe(first);
  history.observe(last);
  const graphs = queueGraphs({ history }, last, 3);
  expect(graphs.running.get('a:8000 org/model')).toEqual([null, 0, 5]);
  expect(graphs.waiting.get('a:8001 org/model')).toEqual([null, 1, 2]);
  const lines = linesOf(queuesView(last, style, graphs), style);
  expect(lines[2]).toMatch(/WAIT 0-2 +RUN 0-10 +OUT 0-1$/);
  expect(lines[3]).toMatch(/ {2}▁▁ +▁▅ +▁▁$/);
  expect(lines[4]).toMatch(/ {2}▅█ +█{2} +▁▁$/);
});
