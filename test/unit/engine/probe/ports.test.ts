import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseProcNetTcp, parseSs } from '#engine/probe/ports.ts';

const ss = `LISTEN 0      4096      127.0.0.53%lo:53         0.0.0.0:*    users:(("systemd-resolve",pid=812,fd=14))
LISTEN 0      2048            0.0.0.0:8000       0.0.0.0:*    users:(("python3",pid=4242,fd=17),("python3",pid=4250,fd=17))
LISTEN 0      2048                  *:8001             *:*
LISTEN 0      128                [::]:22            [::]:*    users:(("sshd",pid=1,fd=4))
LISTEN 0      128             0.0.0.0:22         0.0.0.0:*    users:(("sshd",pid=1,fd=3))
LISTEN 0      128               [::1]:6010          [::]:*
LISTEN 0      128  [::ffff:127.0.0.1]:9000             *:*    users:(("java",pid=7,fd=1))
LISTEN 0      128           10.0.0.5:30000       0.0.0.0:*
LISTEN 0      128          127.0.0.1:30000       0.0.0.0:*    users:(("sglang::server",pid=9,fd=1))
LISTEN 0      128  [fe80::1%eth0]:7001            [::]:*
LISTEN 0      128  [fe80::1]%eth0:7002            [::]:*
LISTEN 0      128           *%eth0:7003               *:*
ESTAB  0      0            127.0.0.1:8000      127.0.0.1:40000
`;

test('ss -H -ltnp', () => {
  expect(parseSs(ss)).toEqual([
    { port: 22, address: '127.0.0.1', alternatives: ['::1'], process: 'sshd', pid: 1 },
    { port: 53, address: '127.0.0.53', alternatives: [], process: 'systemd-resolve', pid: 812 },
    { port: 6010, address: '::1', alternatives: [], process: null, pid: null },
    { port: 7001, address: 'fe80::1%eth0', alternatives: [], process: null, pid: null },
    { port: 7002, address: 'fe80::1%eth0', alternatives: [], process: null, pid: null },
    { port: 7003, address: '127.0.0.1', alternatives: ['::1'], process: null, pid: null },
    { port: 8000, address: '127.0.0.1', alternatives: [], process: 'python3', pid: 4242 },
    { port: 8001, address: '127.0.0.1', alternatives: ['::1'], process: null, pid: null },
    { port: 9000, address: '127.0.0.1', alternatives: [], process: 'java', pid: 7 },
    { port: 30_000, address: '127.0.0.1', alternatives: ['10.0.0.5'], process: 'sglang::server', pid: 9 },
  ]);
});

test('an old ss: header, addresses without brackets, pid without its name', () => {
  const old = `State      Recv-Q Send-Q        Local Address:Port          Peer Address:Port
LISTEN     0      128                      :::22                      :::*      users:(("sshd",1998,4))
LISTEN     0      50                       *:11434                     *:*
LISTEN     0      128                     ::1:631                    :::*
`;
  expect(parseSs(old)).toEqual([
    { port: 22, address: '127.0.0.1', alternatives: ['::1'], process: 'sshd', pid: 1998 },
    { port: 631, address: '::1', alternatives: [], process: null, pid: null },
    { port: 11_434, address: '127.0.0.1', alternatives: ['::1'], process: null, pid: null },
  ]);
});

test.each([
  ['we"ird', 'we"ird'],
  ['a(b),"c"', 'a(b),"c"'],
  ['', null],
])('a process called %j', (name, process) => {
  expect(
    parseSs(`LISTEN 0 128 *:8000 *:* users:(("${name}",pid=12,fd=3),("other",pid=13,fd=3))`),
  ).toMatchObject([{ port: 8000, process, pid: 12 }]);
});

test('a port of two processes belongs to the one at the address that is tried first', () => {
  const line = (address: string, name: string, pid: number) =>
    `LISTEN 0 32 ${address}:53 0.0.0.0:* users:(("${name}",pid=${pid},fd=6))\n`;
  expect(parseSs(line('192.168.122.1', 'dnsmasq', 7) + line('127.0.0.53%lo', 'systemd-resolve', 8))).toEqual([
    { port: 53, address: '127.0.0.53', alternatives: ['192.168.122.1'], process: 'systemd-resolve', pid: 8 },
  ]);
});

test('/proc/net/tcp and tcp6', () => {
  const title =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  const rest = '00000000:00000000 00:00000000 00000000     0        0 2740 1 ffff88003d3af3c0 100 0 0 10 0';
  const row = (number: number, local: string, state: string) => {
    const peer = local.length > 13 ? `${'0'.repeat(32)}:0000` : '00000000:0000';
    return `  ${String(number).padStart(2)}: ${local} ${peer} ${state} ${rest}`;
  };
  const text = [
    title,
    row(0, '0100007F:1F40', '0A'),
    row(1, '00000000:2CAA', '0A'),
    row(2, '0500000A:7530', '0A'),
    row(3, '0100007F:1F41', '01'),
    title,
    row(0, '00000000000000000000000000000000:1F42', '0A'),
    row(1, '00000000000000000000000001000000:1F43', '0A'),
    row(10, '0000000000000000FFFF00000100007F:1F44', '0A'),
    row(11, 'B80D01200000000067452301EFCDAB89:1F45', '0A'),
  ].join('\n');
  expect(parseProcNetTcp(text)).toEqual(
    [
      [8000, '127.0.0.1'],
      [8002, '127.0.0.1', '::1'],
      [8003, '::1'],
      [8004, '127.0.0.1'],
      [8005, '2001:db8::123:4567:89ab:cdef'],
      [11_434, '127.0.0.1'],
      [30_000, '10.0.0.5'],
    ].map(([port, address, ...alternatives]) => ({ port, address, alternatives, process: null, pid: null })),
  );
});

describe('hostile text', () => {
  const sane = (text: string): void => {
    for (const entry of [...parseSs(text), ...parseProcNetTcp(text)]) {
      expect(entry.port).toBeGreaterThan(0);
      expect(entry.port).toBeLessThanOrEqual(65_535);
      expect(
        [entry.address, ...entry.alternatives].every((address) => /^[\w.:%-]{1,60}$/.test(address)),
      ).toBe(true);
      expect(entry.process?.length ?? 0).toBeLessThanOrEqual(50);
    }
  };

  test('cut at every byte, and anything at all', () => {
    for (let length = 0; length <= ss.length; length += 1) sane(ss.slice(0, length));
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('LISTEN', '0', '*:80', '0A'),
    );
    fc.assert(fc.property(fc.array(word), (words) => sane(words.join(' '))));
  });

  test('names that pretend to be more than a name', () => {
    const line =
        'LISTEN 0 1 0.0.0.0:99999 *:*\nLISTEN 0 1 $(reboot):80 *:*\nLISTEN 0 1 [::]:81 *:* users:(("a\u001b[2J',
      [entry, ...more] = parseSs(`${line}",pid=1,fd=2))`);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ port: 81, process: 'a', pid: 1 });
  });

  test('10 MB in one line, and a port bound 10,000 times', () => {
    for (const filling of ['x', ' ', 'LISTEN ', ':', '0A', 'users:(("'])
      sane(`LISTEN 0 0 ${filling.repeat(10_000_000 / filling.length)}`);
    expect(parseSs('LISTEN 0 0 127.0.0.1:8000 *:*\n'.repeat(10_000))).toHaveLength(1);
  });
});
