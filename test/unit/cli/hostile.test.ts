/** Whatever a configuration, a host or a model server says: a terminal shows it as text, in its place. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { autoForwardsView } from '../../../main/cli/commands/auto-forward.ts';
import { frameOf } from '../../../main/cli/live-frame.ts';
import { atTheTop } from '../../../main/cli/live-keys.ts';
import { localView } from '../../../main/cli/local-views.ts';
import { queuesView } from '../../../main/cli/queue-view.ts';
import type { TextStyle } from '../../../main/cli/table.ts';
import { textWidth } from '../../../main/cli/text-width.ts';
import { linesOf } from '../../../main/cli/view.ts';
import { gpusView, hostsView, modelsView } from '../../../main/cli/views.ts';
import { aFailure, aLoad } from '../../support/samples.ts';
import { gpu, host, server, snapshot } from './sample.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '\u001b[2J\u001b[31mred',
    '\u001b]0;title\u0007',
    '\u202egpj.exe',
    'a\u200b\u2066b\u2069',
    'line\r\nbreak\u2028',
    '東京'.repeat(100),
    'm'.repeat(200),
    '/data/'.repeat(30),
    '🚀👩\u200d🔬',
    'Z\u0308'.repeat(80),
  ),
);

it('is one line of visible characters that fits', () => {
  const style = (width: number | null): TextStyle => ({ width, colour: false });
  fc.assert(
    fc.property(hostile, hostile, fc.integer({ min: 1, max: 120 }), (name, model, width) => {
      const failure = aFailure('connection-refused', { detail: model });
      const base = server(name, 8000);
      const state = snapshot({
        hosts: [
          host(name, {
            gpus: [gpu(0, { name: model })],
            endpoint: { hostname: name, port: 22, user: model },
          }),
          host(`${name}2`, { state: { kind: 'unreachable', failure } }),
        ],
        servers: [{ ...base, models: base.models.map((one) => ({ ...one, id: model })), version: name }],
        localServers: [
          {
            port: 8000,
            address: '127.0.0.1',
            engine: 'vllm',
            version: null,
            models: [model],
            loads: [{ ...aLoad, model }],
            state: { kind: 'up' },
            owner: { kind: 'process', pid: 1, command: name, session: name },
          },
        ],
        autoForwards: [
          {
            serverId: base.id,
            hostId: name,
            remotePort: 8000,
            localPort: 16100,
            model,
            status: 'failed',
            failure,
          },
        ],
      });
      const views = [
        gpusView(state, style(width)),
        modelsView(state, style(width)),
        queuesView(state, style(width), null),
        autoForwardsView(state, style(width)),
      ];
      const printed = [
        ...views.flatMap((view) => linesOf(view, style(null))),
        ...localView(state, style(null)),
        ...hostsView(state, style(null)),
      ];
      const drawn = views.flatMap(
        (view) =>
          frameOf(view, atTheTop, { rows: 24, columns: width, progress: '', nowMs: 0, colour: false }).lines,
      );
      for (const line of [...printed, ...drawn]) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      for (const line of [...drawn, ...localView(state, style(width)), ...hostsView(state, style(width))])
        expect(textWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});
