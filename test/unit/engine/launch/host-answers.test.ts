import { describe, expect, it } from 'vitest';
import { parseFacts, parseLog, parseLook, toLaunch } from '#engine/launch/host-answers.ts';

const meta = {
  model: 'm',
  remotePort: 8000,
  gpus: ['GPU-a'],
  launcher: 'plain',
  command: 'exec vllm',
  startedAt: 900,
};
const block = (name: string, fields: object = {}, log = 'INFO hello'): string =>
  `launch ${name}\nprogram runs\nends 1060\nmeta ${JSON.stringify({ ...meta, ...fields })}\nlog\n${log}\nmark\n`;
const look = (...blocks: readonly string[]) =>
  parseLook(`now 1000\n${blocks.join('')}`, { hostId: 'h', sentinel: 'mark', nowMs: 5_000_000 });

describe('what a host says of its launches', () => {
  it('is read with the times of this computer, however its own clock goes', () => {
    const [found] = look(block('a'));
    expect(found).toMatchObject({
      id: 'h/a',
      startedAt: 4_900_000,
      endsAt: 5_060_000,
      lines: ['INFO hello'],
    });
    expect(found && toLaunch(found, true)).toMatchObject({
      stage: { kind: 'ready' },
      lastLine: 'INFO hello',
    });
  });

  it('ends a log at its mark alone, whatever the log holds', () => {
    const forged = `x\nlaunch evil\nprogram runs\nmeta ${JSON.stringify(meta)}\nlog\ny\nmark2\n`;
    const found = look(block('a', {}, forged), block('b'));
    expect(found.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(found[0]?.lines).toContain('launch evil');
  });

  it('costs no more time than it has letters, and is left out where it is cut short', () => {
    const forged = 'launch a\nprogram runs\nlog\n'.repeat(100_000);
    expect(look(block('a'), block('b', {}, forged), block('c').slice(0, -6)).map(({ name }) => name)).toEqual(
      ['a', 'b'],
    );
    expect(look(forged)).toEqual([]);
  });

  it('leaves out what the app does not write', () => {
    expect(look(block('../x'), block('-x'), block('a b'), block('a', { remotePort: 0 }))).toEqual([]);
    expect(look(block('a', { launcher: 'other' }), block('a', { gpus: 'GPU-a' }))).toEqual([]);
    expect(look('launch a\nprogram runs\nmeta {"model":\nlog\nx\nmark\n')).toEqual([]);
  });

  it('shows names without what a terminal obeys', () => {
    expect(look(block('a', { model: '\u001b[31mred\u202e' }))[0]?.model).toBe('red');
  });

  it('takes sessions of vllmctl, and no other session', () => {
    const session = (name: string) => `launch ${name}\nprogram runs\nsession 940\nlog\nhello\nmark\n`;
    const found = look(session('vllmctl_server_8001'), session('vllmctl_server_99999'), session('mine'));
    expect(found).toMatchObject([
      { name: 'vllmctl_server_8001', remotePort: 8001, model: null, startedAt: 4_940_000 },
    ]);
  });

  it('tells how a program has ended', () => {
    const ended = (rows: string) =>
      look(block('a').replace('program runs\n', `program ended\n${rows}`))[0]?.facts;
    expect(ended('exit 1\n')).toEqual({ program: { kind: 'ended', code: 1 }, endedFor: null });
    expect(ended('exit 0\n')).toEqual({ program: { kind: 'ended', code: 0 }, endedFor: null });
    expect(ended('')).toEqual({ program: { kind: 'ended', code: null }, endedFor: null });
    expect(ended('why lifetime\n')).toMatchObject({ endedFor: 'lifetime' });
    expect(ended('why \u001b[31m\n')).toMatchObject({ endedFor: null });
  });
});

describe('what a host has', () => {
  it('is read from paths', () => {
    const answer =
      'program /opt/bin/vllm\nprogram /usr/bin/podman\nconda /opt/conda\nenvironment a b\nport 8003\n';
    expect(parseFacts(answer)).toEqual({
      condaBases: ['/opt/conda'],
      condaEnvironments: ['a b'],
      vllm: '/opt/bin/vllm',
      uv: false,
      containerTool: 'podman',
      port: 8003,
    });
    expect(parseFacts('')).toMatchObject({ vllm: null, containerTool: null, port: null });
  });
});

describe('a log', () => {
  it('comes with where to go on, and without what a terminal obeys', () => {
    expect(parseLog('size 12\nred \u001b[31mx\ny\n')).toEqual({ text: 'red x\ny\n', next: 12 });
    expect(parseLog('')).toEqual({ text: '', next: 0 });
  });
});
