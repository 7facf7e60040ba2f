import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import { exitCodes } from '../../../main/cli/io.ts';
import { explain, unknownHost } from '../../../main/cli/named-host.ts';
import { host, snapshot } from '../../support/snapshot.ts';
import { createTerminal } from '../../support/terminal.ts';

describe('a host that was named', () => {
  const known = snapshot({ hosts: [host('h100-01'), host('h100-02')], excludedAliases: ['h100-03'] });

  it('may be there', () => {
    expect(unknownHost('h100-02', known)).toBeNull();
  });

  it('is said to be switched off, where it is', () => {
    expect(unknownHost('h100-03', known)).toBe('h100-03 is switched off in the settings.');
  });

  it('is looked for among those that are there, by where they are from', () => {
    expect(unknownHost('h10001', known)).toBe(
      'There is no host h10001 in /home/me/.ssh/config. Did you mean h100-01?',
    );
    expect(unknownHost('x', { ...known, source: { kind: 'demo' } as never })).toBe(
      'There is no host x in the demo cluster.',
    );
  });
});

describe('why it could not be used', () => {
  const said = (error: unknown, of = snapshot()) => {
    const terminal = createTerminal({ home: '/nowhere' });
    return { code: explain(error, terminal.io, of), text: terminal.err() };
  };

  it('ends with what to do, and with the command to see it', () => {
    const { code, text } = said(
      new AppError('connection-refused', { detail: 'port 22', command: 'ssh -v gpu-01' }),
    );
    expect(code).toBe(exitCodes.noAnswer);
    expect(text.split('\n')[0]).toContain('port 22');
    expect(text).toContain('To see it in a terminal: ssh -v gpu-01\n');
  });

  it('names no command of the demo, whose hosts are gone with the program', () => {
    const demo = { ...snapshot(), source: { kind: 'demo' } as never };
    const { text } = said(new AppError('connection-refused', { command: 'ssh -v gpu-01' }), demo);
    expect(text).not.toContain('ssh -v');
  });

  it('is another exit code where the host is not what failed', () => {
    expect(said(new AppError('port-in-use')).code).toBe(exitCodes.failed);
  });

  it('is not swallowed where it is a fault of this program', () => {
    expect(() => said(new TypeError('x'))).toThrow(TypeError);
  });
});
