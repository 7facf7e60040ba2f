import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOfSpec, placed, readForwardSpec } from '#engine/this-computer/forward-spec.ts';
import { parseSshCommand } from '#engine/this-computer/ssh-arguments.ts';
import { describeFixtures } from '../../../support/fixtures.ts';

/** `localhost:8000 -> h:9000`, or why not. */
function inWords(text: string): string {
  const reading = readForwardSpec(text);
  if (reading.kind === 'ignored') return reading.reason;
  const { localAddress, localPort, remoteAddress, remotePort } = placed(reading.spec, false);
  return `${localAddress} ${localPort} -> ${remoteAddress} ${remotePort}`;
}

describe('a forward as it is written', () => {
  it.each([
    ['8000:h:9000', 'localhost 8000 -> h 9000'],
    ['127.0.0.1:8000:h:9000', '127.0.0.1 8000 -> h 9000'],
    ['LOCALHOST:8000:h:9000', 'localhost 8000 -> h 9000'],
    ['[::1]:8000:[::1]:9000', '::1 8000 -> ::1 9000'],
    ['8000:[fe80::1%eth0]:9000', 'localhost 8000 -> fe80::1%eth0 9000'],
    [':8000:h:9000', '* 8000 -> h 9000'],
    ['*:8000:h:9000', '* 8000 -> h 9000'],
    ['[]:8000:[h]:9000', '* 8000 -> h 9000'],
    ['8000:a\\:b:9000', 'localhost 8000 -> a:b 9000'],
    ['8000:/run/model.sock', 'a socket file in place of a port'],
    ['127.0.0.1:8000:/run/model.sock', 'a socket file in place of a port'],
    ['/run/model.sock:h:9000', 'a socket file in place of a port'],
    ['/run/a.sock:/run/b.sock', 'a socket file in place of a port'],
    ['8000', 'unreadable'],
    ['8000:9000', 'unreadable'],
    ['0:h:9000', 'unreadable'],
    ['8000:h:65536', 'unreadable'],
    ['8000::9000', 'unreadable'],
    ['http:h:9000', 'unreadable'],
    ['::1:8000:h:9000', 'unreadable'],
    ['[::1:8000:h:9000', 'unreadable'],
    ['1:2:3:4:5:6', 'unreadable'],
    ['', 'unreadable'],
  ])('%j', (text, expected) => {
    expect(inWords(text)).toBe(expected);
  });

  it('is asked where it listens', () => {
    expect(addressesOfSpec('localhost')).toEqual(['127.0.0.1', '::1']);
    expect(addressesOfSpec('*')).toEqual(['127.0.0.1', '::1']);
    expect(addressesOfSpec('0.0.0.0')).toEqual(['127.0.0.1']);
    expect(addressesOfSpec('::1')).toEqual(['::1']);
  });
});

const words = (line: string): readonly string[] => line.split(' ');

/** `destination forward...`; null where the process is no forward's. */
function forwardsOf(command: readonly string[]): string | null {
  const parsed = parseSshCommand(command);
  if (parsed === null) return null;
  const specs = parsed.forwards
    .map((spec) => placed(spec, parsed.gatewayPorts === true))
    .map(
      ({ localAddress, localPort, remoteAddress, remotePort }) =>
        `${localAddress}:${localPort}>${remoteAddress}:${remotePort}`,
    );
  return [parsed.destination, ...specs].join(' ');
}

describe('the command line of an ssh', () => {
  it.each([
    ['ssh -L 8000:h:9000 gpu1', 'gpu1 localhost:8000>h:9000'],
    ['ssh -L8000:h:9000 gpu1', 'gpu1 localhost:8000>h:9000'],
    ['ssh -g -L 8000:h:9000 gpu1', 'gpu1 *:8000>h:9000'],
    ['ssh -fNgL 8000:h:9000 gpu1', 'gpu1 *:8000>h:9000'],
    ['ssh -L 8000:h:9000 gpu1 -g', 'gpu1 *:8000>h:9000'],
    ['ssh -g -L localhost:8000:h:9000 gpu1', 'gpu1 localhost:8000>h:9000'],
    ['ssh -o GatewayPorts=yes -L 8000:h:9000 gpu1', 'gpu1 *:8000>h:9000'],
    ['ssh -ogatewayports=no -oGatewayPorts=yes -L 8000:h:9000 gpu1', 'gpu1 localhost:8000>h:9000'],
    ['ssh -g -o GatewayPorts=no -L 8000:h:9000 gpu1', 'gpu1 *:8000>h:9000'],
    ['ssh -L 0.0.0.0:8000:h:9000 gpu1', 'gpu1 0.0.0.0:8000>h:9000'],
    ['/usr/bin/ssh -N -f -L 127.0.0.1:8000:h:9000 me@gpu1', 'me@gpu1 127.0.0.1:8000>h:9000'],
    ['ssh -fNL 8000:h:9000 gpu1', 'gpu1 localhost:8000>h:9000'],
    ['ssh -fNL8000:h:9000 gpu1', 'gpu1 localhost:8000>h:9000'],
    ['ssh -N -L [::1]:8000:[::1]:9000 -L 8001:h:9001 gpu1', 'gpu1 ::1:8000>::1:9000 localhost:8001>h:9001'],
    ['ssh -v -p 2222 -i key gpu1 -L 8000:h:9000', 'gpu1 localhost:8000>h:9000'],
    ['ssh -N ssh://me@gpu1:2222 -L 8000:h:9000', 'ssh://me@gpu1:2222 localhost:8000>h:9000'],
    ['ssh -L 8000:h:9000 -- gpu1', 'gpu1 localhost:8000>h:9000'],
    // What follows the command for the host is the command's own.
    ['ssh -L 8000:h:9000 gpu1 vllm -L 1:h:2', 'gpu1 localhost:8000>h:9000'],
    ['ssh -L 8000:h:9000 -- gpu1 -L 1:h:2', 'gpu1 localhost:8000>h:9000'],
    ['ssh -oLocalForward=8000:h:9000 gpu1', 'gpu1 localhost:8000>h:9000'],
    ['ssh -oLocalForward=8000 gpu1', 'gpu1'],
    ['ssh -D 1080 -R 8000:h:9000 gpu1', 'gpu1'],
    ['ssh gpu1', 'gpu1'],
    ['C:\\Windows\\System32\\OpenSSH\\ssh.exe -L 8000:h:9000 gpu1', 'gpu1 localhost:8000>h:9000'],
    ['autossh -M 20400 -f -N -L 8000:h:9000 gpu1', 'gpu1 localhost:8000>h:9000'],
    ['/usr/lib/autossh/autossh -M 0    -N -L 8000:h:9000 gpu1', 'gpu1 localhost:8000>h:9000'],
    ['ssh -W h:22 -L 8000:h:9000 jump', null],
    ['ssh -G -L 8000:h:9000 gpu1', null],
    ['ssh -O forward -L 8000:h:9000 gpu1', null],
    ['ssh -Q cipher', null],
    ['ssh -V', null],
    ['ssh -o ClearAllForwardings=yes -L 8000:h:9000 gpu1', null],
    ['ssh -oclearallforwardings=true -L 8000:h:9000 gpu1', null],
    ['ssh -o ClearAllForwardings=no -L 8000:h:9000 gpu1', 'gpu1 localhost:8000>h:9000'],
    ['ssh -L 8000:h:9000', null],
    ['ssh: /tmp/master [mux]', null],
    ['sshd: me@pts/1', null],
    ['ssh-agent -L 8000:h:9000 gpu1', null],
    ['grep ssh -L 8000:h:9000 gpu1', null],
    ['sshpass -p secret ssh -L 8000:h:9000 gpu1', null],
  ])('%s', (line, expected) => {
    expect(forwardsOf(words(line))).toBe(expected);
  });

  it('has words with blanks in them, and ps does not show where they end', () => {
    const expected = 'gpu1 localhost:8000>h:9000';
    expect(forwardsOf(['ssh', '-o', 'LocalForward 8000 h:9000', 'gpu1'])).toBe(expected);
    expect(forwardsOf(['ssh', '-o', 'LocalForward = "8000" h:9000', 'gpu1'])).toBe(expected);
    expect(forwardsOf(['ssh', '-oLocalForward 8000 h:9000', 'gpu1'])).toBe(expected);
    expect(forwardsOf(words('ssh -o LocalForward 8000 h:9000 gpu1'))).toBe(expected);
    expect(forwardsOf(words('ssh -o Port 2222 -L 8000:h:9000 gpu1'))).toBe(expected);
    expect(forwardsOf(['ssh', '-i', '/my keys/id', '-L', '8000:h:9000', 'gpu1'])).toBe(expected);
  });

  it('says what else decides where it leads', () => {
    const line =
      'ssh -4 -F a -N -l me -J jump,jump2 -p 22 -oUser=you -o Port=2 -i key -L 1:h:2 -oLocalForward=3:h:4 -F b gpu1';
    expect(parseSshCommand(words(line))).toMatchObject({
      program: 'ssh',
      destination: 'gpu1',
      // The last file counts, and of everything else the first, as ssh itself will have it.
      configFile: 'b',
      options: ['-l', 'me', '-J', 'jump,jump2', '-p', '22', '-o', 'User=you', '-o', 'Port=2'],
    });
    expect(parseSshCommand(words('ssh -L 8000:/s -L 1:h:2 gpu1'))).toMatchObject({
      configFile: null,
      forwards: [{ localPort: 1 }],
      ignored: ['a socket file in place of a port'],
    });
  });

  it('is read without a throw, whatever it is', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'ssh',
        'autossh',
        '-',
        '--',
        '-L',
        '-o',
        '-oLocalForward',
        'LocalForward',
        '"',
        '-fNL',
        'a:1:b:2',
        '[',
        '\\',
      ),
    );
    fc.assert(
      fc.property(fc.array(word), (line) => {
        expect(() => parseSshCommand(['ssh', ...line])).not.toThrow();
        expect(() => parseSshCommand(line)).not.toThrow();
        for (const one of line) expect(() => readForwardSpec(one)).not.toThrow();
      }),
    );
  });

  it('costs no more time than it has letters', () => {
    const long = 1_000_000;
    for (const text of [':'.repeat(long), '\\'.repeat(long), '['.repeat(long), 'a'.repeat(long)]) {
      expect(readForwardSpec(text).kind).toBe('ignored');
      expect(parseSshCommand(['ssh', '-L', text, '-o', `LocalForward=${text}`, text])?.forwards).toEqual([]);
    }
    const words = Array.from({ length: long / 4 }, () => '-oa');
    expect(parseSshCommand(['ssh', 'a', ...words])?.forwards).toEqual([]);
  });
});

describeFixtures('tmux-ps', (files) => {
  it('holds no forward', () => {
    for (const { name, text } of files.filter(({ name: file }) => file.startsWith('ps_')))
      for (const line of text.split('\n')) {
        const args = line.trim().split(/\s+/).slice(10);
        expect(forwardsOf(args), name).toBeNull();
      }
  });
});
