import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aliasOfName, parseSessionName, sessionName } from '#engine/this-computer/session-name.ts';
import { readListing } from '#engine/this-computer/tmux.ts';
import { describeFixtures } from '../../../support/fixtures.ts';

describe('the name of a session', () => {
  it.each([
    ['vllmctl_gpu1_8000_16100', { host: 'gpu1', remotePort: 8000, localPort: 16_100 }],
    ['vllmctl_dgx_a_01_8000_16100', { host: 'dgx_a_01', remotePort: 8000, localPort: 16_100 }],
    [
      'vllmctl_gpu1_example_com_8000_16100',
      { host: 'gpu1_example_com', remotePort: 8000, localPort: 16_100 },
    ],
    ['vllmctl_1_2_3_4', { host: '1_2', remotePort: 3, localPort: 4 }],
    ['vllmctl_gpu1_8000', null],
    ['vllmctl__8000_16100', null],
    ['vllmctl_gpu1_0_16100', null],
    ['vllmctl_gpu1_8000_65536', null],
    ['my_vllmctl_gpu1_8000_16100', null],
    ['vllmctl_gpu1_8000_16100 ', null],
    ['0', null],
  ])('%j', (name, expected) => {
    expect(parseSessionName(name)).toEqual(expected);
  });

  it('begins with another prefix where one is said', () => {
    expect(parseSessionName('lab.a_8000_16100', 'lab.')).toEqual({
      host: 'a',
      remotePort: 8000,
      localPort: 16_100,
    });
    expect(parseSessionName('vllmctl_a_8000_16100', 'lab.')).toBeNull();
    expect(parseSessionName('labxa_8000_16100', 'lab.')).toBeNull();
  });

  it('holds nothing that tmux would take for more than a name, and leads back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (host) => {
        const name = sessionName({ host, remotePort: 8000, localPort: 16_100 });
        expect(name).toMatch(/^vllmctl_[\p{L}\p{N}_+@-]+_8000_16100$/u);
        expect(aliasOfName(parseSessionName(name)?.host ?? '', [host])).toBe(host);
      }),
    );
  });

  it('tells the alias where only one can be meant', () => {
    const aliases = ['gpu.1', 'gpu_2', 'gpu.2', 'gpu 3', 'gpu:3'];
    expect(aliasOfName('gpu_1', aliases)).toBe('gpu.1');
    expect(aliasOfName('gpu_2', aliases)).toBe('gpu_2');
    expect(aliasOfName('gpu_3', aliases)).toBeNull();
    expect(aliasOfName('gpu_4', aliases)).toBeNull();
  });
});

const ended = (stdout: string, stderr = '', code = 0) => ({ kind: 'ended', code, stdout, stderr }) as const;

describe('what tmux answers', () => {
  it('lists the sessions with what runs in their panes', () => {
    const text = '0 4242 vllmctl_gpu1_8000_16100\n0 5 my work\n1 6 my work\n0 7 my work\n1 8 over\n';
    expect(readListing(ended(text))).toEqual({
      state: 'available',
      sessions: [
        { name: 'vllmctl_gpu1_8000_16100', pids: [4242] },
        { name: 'my work', pids: [5, 7] },
        { name: 'over', pids: [] },
      ],
    });
  });

  it.each([
    [{ kind: 'missing' }, 'missing'],
    [{ kind: 'timed-out' }, 'unknown'],
    [ended('', 'no server running on /tmp/tmux-1000/default\n', 1), 'no-server'],
    [ended('', 'error connecting to /tmp/tmux-1000/default (No such file or directory)\n', 1), 'no-server'],
    [ended('', 'protocol version mismatch (client 8, server 7)\n', 1), 'unknown'],
  ] as const)('%j', (result, state) => {
    expect(readListing(result)).toEqual({ state, sessions: [] });
  });

  it('is read without a throw, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.boolean(), (stdout, stderr, fails) => {
        expect(() => readListing(ended(stdout, stderr, fails ? 1 : 0))).not.toThrow();
      }),
    );
  });
});

describeFixtures('tmux-ps', (files) => {
  it('holds an answer without a server, and lists in another form', () => {
    for (const { name, text } of files.filter(({ name: file }) => file.startsWith('tmux_'))) {
      const isDown = name.includes('no-server');
      const listing = isDown ? readListing(ended('', text, 1)) : readListing(ended(text));
      expect(listing, name).toEqual({ state: isDown ? 'no-server' : 'available', sessions: [] });
    }
  });
});
