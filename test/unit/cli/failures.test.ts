import { describe, expect, it } from 'vitest';
import { type ErrorCode, type Failure, failedKind } from '#common/failure.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import { autoForwardsView } from '../../../main/cli/commands/auto-forward.ts';
import { textWidth } from '../../../main/cli/text-width.ts';
import { linesOf } from '../../../main/cli/view.ts';
import { gpusView, modelsView } from '../../../main/cli/views.ts';
import { aFailure } from '../../support/samples.ts';
import { host, snapshot } from './sample.ts';

const plain = { width: null, colour: false };

const failing = (alias: string, code: ErrorCode, fields: Partial<Failure> = {}) =>
  host(alias, { state: { kind: failedKind(code), failure: aFailure(code, fields) } });

describe('the line to type', () => {
  const hosts = [
    failing('locked', 'auth-locked'),
    failing('off', 'connection-refused', { command: 'ssh off true' }),
    failing('new', 'hostkey-unknown', { hostKeyId: 'k' }),
    failing('changed', 'hostkey-changed', { command: 'ssh-keygen -R changed' }),
  ];

  it('stands under the host that it is for', () => {
    const shown = snapshot({ hosts: [...hosts, failing('off too', 'connection-refused')] });
    const lines = linesOf(modelsView(shown, plain), plain);
    expect(lines.slice(lines.findIndex((line) => line.includes('NO ANSWER')) + 1)).toEqual([
      expect.stringMatching(/^locked /),
      `  ${errorsEn['auth-locked'].hint}`,
      '  vllm-tray list-remote --login',
      expect.stringMatching(/^off /),
      // Once for all hosts with the same cause, which stand together.
      expect.stringMatching(/^off too /),
      `  ${errorsEn['connection-refused'].hint}`,
      expect.stringMatching(/^new /),
      `  ${errorsEn['hostkey-unknown'].hint}`,
      '  vllm-tray list-remote --login',
      expect.stringMatching(/^changed /),
      `  ${errorsEn['hostkey-changed'].hint}`,
      '  ssh-keygen -R changed',
    ]);
  });

  it('is whole where it is printed, and cut where the screen is drawn again', () => {
    const command = `ssh -F ${'/a'.repeat(30)} changed true`;
    const view = modelsView(snapshot({ hosts: [failing('a', 'hostkey-changed', { command })] }), plain);
    expect(linesOf(view, { ...plain, width: 40 })).toContain(`  ${command}`);
    for (const line of linesOf(view, { ...plain, width: 40, nowMs: 0 }))
      expect(textWidth(line)).toBeLessThanOrEqual(40);
  });

  it('runs the command again that has printed it', () => {
    const one = snapshot({ hosts: hosts.slice(0, 1) });
    for (const [view, command] of [
      [gpusView, 'gpu-idle-top'],
      [modelsView, 'list-remote'],
      [autoForwardsView, 'auto-forward'],
    ] as const)
      expect(linesOf(view(one, plain), plain)).toContain(`  vllm-tray ${command} --login`);
  });

  it.each([
    [{ kind: 'demo', configFile: '/tmp/demo/config' }, '--demo'],
    [{ kind: 'ssh-config', path: '/a b', configFile: '/a b' }, "--ssh-config '/a b'"],
  ] as const)('names the hosts of %j', (source, option) => {
    const one = snapshot({ hosts: hosts.slice(0, 1), source });
    for (const [view, command] of [
      [gpusView, 'gpu-idle-top'],
      [modelsView, 'list-remote'],
      [autoForwardsView, 'auto-forward'],
    ] as const)
      expect(linesOf(view(one, plain), plain)).toContain(`  vllm-tray ${command} --login ${option}`);
  });

  it('opens the settings for what is set there', () => {
    const failed = {
      serverId: 'a:8000',
      hostId: 'a',
      remotePort: 8000,
      localPort: null,
      model: 'm',
      status: 'failed',
      failure: aFailure('ports-exhausted', { step: 'forward' }),
    } as const;
    expect(linesOf(autoForwardsView(snapshot({ autoForwards: [failed] }), plain), plain)).toContain(
      '  npm start -- --show settings/forwards',
    );
  });

  it('fits into the terminal', () => {
    const style = { width: 24, colour: false, nowMs: 0 };
    for (const line of linesOf(modelsView(snapshot({ hosts }), style), style))
      expect(textWidth(line)).toBeLessThanOrEqual(24);
  });
});
