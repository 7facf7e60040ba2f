import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeOutput, parseLsof, parseNetstat } from '#engine/probe/netstat.ts';
import { type ListeningPort, parseProcNetTcp, parseSs } from '#engine/probe/ports.ts';
import { describeFixtures } from '../../../support/fixtures.ts';

/** `port address... name/pid`, with a dash for what is not known. */
function inWords({ port, address, alternatives, process, pid }: ListeningPort): string {
  const owner = pid === null ? '-' : `${process ?? '-'}/${pid}`;
  return [port, address, ...alternatives, owner].join(' ');
}

const linux = `Active Internet connections (only servers)
Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name
tcp        0      0 127.0.0.1:11434         0.0.0.0:*               LISTEN      812/ollama
tcp        0      0 0.0.0.0:8000            0.0.0.0:*               LISTEN      4242/python3
tcp        0      0 0.0.0.0:80              0.0.0.0:*               LISTEN      865/nginx: master p
tcp        0      0 127.0.0.1:8000          127.0.0.1:40000         ESTABLISHED 4242/python3
tcp6       0      0 :::22                   :::*                    LISTEN      -
tcp6       0      0 ::1:631                 :::*                    LISTEN      -
udp        0      0 0.0.0.0:68              0.0.0.0:*                           1939/dhclient
unix  2      [ ACC ]     STREAM     LISTENING     13851    1/systemd            /run/lvm/lvmpolld.socket
`;

test('netstat -lntp of Linux', () => {
  expect(parseNetstat(linux).map(inWords)).toEqual([
    '22 127.0.0.1 ::1 -',
    '80 127.0.0.1 nginx: master p/865',
    '631 ::1 -',
    '8000 127.0.0.1 python3/4242',
    '11434 127.0.0.1 ollama/812',
  ]);
});

test('netstat -lntpe: user and inode stand before the process', () => {
  const line =
    'tcp        0      0 0.0.0.0:8000      0.0.0.0:*      LISTEN      1000       23556      4242/python3';
  expect(parseNetstat(line).map(inWords)).toEqual(['8000 127.0.0.1 python3/4242']);
});

test('netstat -an of macOS: dots before the ports', () => {
  const text = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  127.0.0.1.11434        *.*                    LISTEN
tcp4       0      0  *.8000                 *.*                    LISTEN
tcp46      0      0  *.8001                 *.*                    LISTEN
tcp6       0      0  ::1.8002               *.*                    LISTEN
tcp4       0      0  192.168.1.5.52000      17.57.144.1.443        ESTABLISHED
tcp4       0      0  *.8003                 *.*                    CLOSED
udp4       0      0  *.5353                 *.*
`;
  expect(parseNetstat(text).map(inWords)).toEqual([
    '8000 127.0.0.1 -',
    '8001 127.0.0.1 ::1 -',
    '8002 ::1 -',
    '11434 127.0.0.1 -',
  ]);
});

const windows = [
  '',
  'Active Connections',
  '',
  '  Proto  Local Address          Foreign Address        State           PID',
  '  TCP    0.0.0.0:8000           0.0.0.0:0              LISTENING       1520',
  '  TCP    127.0.0.1:8000         127.0.0.1:49729        ESTABLISHED     1520',
  '  TCP    [::]:8001              [::]:0                 ABHÖREN         2888',
  '  TCP    [::1]:8002             [::]:0                 LISTENING       17120',
  '  UDP    0.0.0.0:5353           *:*                                    19156',
].join('\r\n');

test('netstat -ano of Windows, in any language and encoding', () => {
  const expected = ['8000 127.0.0.1 -/1520', '8001 127.0.0.1 ::1 -/2888', '8002 ::1 -/17120'];
  for (const bytes of [Buffer.from(windows), Buffer.from(`\ufeff${windows}`, 'utf16le')])
    expect(parseNetstat(decodeOutput(bytes)).map(inWords)).toEqual(expected);
});

test('lsof of macOS and Linux', () => {
  const text = String.raw`COMMAND           PID USER   FD   TYPE             DEVICE SIZE/OFF NODE NAME
ollama           1201 anna    3u  IPv4 0x8fb4b1d0c5a1b2c3      0t0  TCP 127.0.0.1:11434 (LISTEN)
LM\x20Studio      990 anna   41u  IPv6 0x8fb4b1d0c5a1b2c4      0t0  TCP *:1234 (LISTEN)
python3.11       2001 anna   12u  IPv4 0x8fb4b1d0c5a1b2c5      0t0  TCP *:8000 (LISTEN)
llama-server     2002 anna   12u  IPv6             123456      0t0  TCP [::1]:8080 (LISTEN)
ssh              2003 anna    5u  IPv4             123457      0t0  TCP 127.0.0.1:16100->127.0.0.1:5000 (ESTABLISHED)
mDNSRespo         301 root    8u  IPv4             123458      0t0  UDP *:5353
`;
  expect(parseLsof(text).map(inWords)).toEqual([
    '1234 127.0.0.1 ::1 LM Studio/990',
    '8000 127.0.0.1 python3.11/2001',
    '8080 ::1 llama-server/2002',
    '11434 127.0.0.1 ollama/1201',
  ]);
});

describe('hostile text', () => {
  const sane = (text: string): void => {
    for (const entry of [...parseNetstat(text), ...parseLsof(text)]) {
      expect(entry.port > 0 && entry.port <= 65_535).toBe(true);
      expect([entry.address, ...entry.alternatives].join(' ')).toMatch(/^[\w.:% -]+$/);
      expect(entry.process ?? '').toMatch(/^[^\u0000-\u001f]{0,50}$/);
    }
  };

  test('cut at every byte, and anything at all', () => {
    const lsof = 'ollama 1201 anna 3u IPv4 0x8f 0t0 TCP 127.0.0.1:11434 (LISTEN)\n';
    for (const whole of [linux, windows, lsof])
      for (let length = 0; length <= whole.length; length += 1) sane(whole.slice(0, length));
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('tcp', 'TCP', 'LISTEN', '(LISTEN)', '0', '*:80', '1/x', '\n'),
    );
    fc.assert(fc.property(fc.array(word), (words) => sane(words.join(' '))));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => sane(decodeOutput(bytes))));
  });

  test('names with escapes and of any length are one clean line', () => {
    const [entry] = parseLsof(
      String.raw`a\x1b[2J\x0ab${'x'.repeat(500)} 1 u 3u IPv4 1 0t0 TCP *:80 (LISTEN)`,
    );
    expect(entry?.process).toMatch(/^a bx+…$/);
    expect(parseNetstat('tcp 0 0 $(reboot):80 0.0.0.0:* LISTEN 1/x')).toEqual([]);
    expect(parseNetstat('tcp 0 0 127.0.0.1:99999 0.0.0.0:* LISTEN 1/x')).toEqual([]);
  });

  test('10 MB in one line, and in many', () => {
    for (const filling of ['x', ' ', 'tcp ', ':', '1/', 'LISTEN ', 'TCP *:80 (LISTEN) ', '\\x20', '\n'])
      sane(`tcp 0 0 ${filling.repeat(10_000_000 / filling.length)}`);
    expect(parseNetstat('tcp 0 0 127.0.0.1:8000 0.0.0.0:* LISTEN\n'.repeat(100_000))).toHaveLength(1);
  });
});

/** What a careful reader finds in each file. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'lsof_linux_listen_with-noise.txt': [
    '3001 127.0.0.1 ::1 mosquitto/1559481',
    '3002 127.0.0.1 node/1354364',
    '3003 127.0.0.1 ::1 mosquitto/1559481',
    '3006 127.0.0.1 ::1 nginx/1354358',
  ],
  'netstat_-ano_windows_crlf.txt': [
    '135 127.0.0.1 ::1 -/1520',
    '139 172.20.240.1 192.168.1.2 -/4',
    '445 127.0.0.1 ::1 -/4',
    '5040 127.0.0.1 -/1144',
    '7680 127.0.0.1 ::1 -/2888',
    '32682 127.0.0.1 -/9760',
    '42050 ::1 -/17120',
    '49664 127.0.0.1 ::1 -/1212',
    '49665 127.0.0.1 ::1 -/1040',
    '49666 127.0.0.1 ::1 -/3316',
    '49667 127.0.0.1 ::1 -/3192',
    '49668 127.0.0.1 ::1 -/3632',
    '49669 ::1 -/4612',
    '49670 127.0.0.1 ::1 -/1184',
    '49720 127.0.0.1 ::1 -/15280',
    '49721 127.0.0.1 -/13180',
    '49724 127.0.0.1 -/14256',
    '49725 127.0.0.1 -/14256',
    '49728 127.0.0.1 -/14256',
  ],
  'netstat_-ano_windows_utf16le_udp.txt': [],
  'netstat_-lnp_centos7.txt': ['22 127.0.0.1 ::1 sshd/1206', '25 127.0.0.1 ::1 master/1469'],
  'netstat_-ltn_with-ollama.txt': [
    '53 127.0.0.54 127.0.0.53 -',
    '631 127.0.0.1 ::1 -',
    '1716 127.0.0.1 ::1 -',
    '3000 127.0.0.1 ::1 -',
    '5355 127.0.0.1 ::1 -',
    '8001 127.0.0.1 -',
    '11434 127.0.0.1 -',
    '27017 127.0.0.1 -',
    '35439 127.0.0.1 -',
    '36597 127.0.0.1 -',
    '38127 127.0.0.1 -',
    '46463 127.0.0.1 -',
    '46519 127.0.0.1 ::1 -',
  ],
  'netstat_-ntlp_vllm-container_not-8000.txt': [
    '33465 172.17.0.2 python3/1',
    '34315 127.0.0.1 ::1 python3/1',
    '37769 172.17.0.2 python3/1',
    '49279 172.17.0.2 python3/1',
  ],
  'netstat_old_pid.txt': ['111 127.0.0.1 systemd/1'],
  'netstat_windows_LISTENING-lines.txt': [
    '4001 127.0.0.1 -/23240',
    '4301 127.0.0.1 -/23240',
    '4310 127.0.0.1 -/23240',
    '5283 127.0.0.1 -/23240',
    '5285 127.0.0.1 -/16644',
    '7890 127.0.0.1 -/18016',
    '7891 127.0.0.1 -/18016',
    '7892 127.0.0.1 -/18016',
    '9210 127.0.0.1 -/23240',
    '9410 127.0.0.1 -/24296',
    '14122 127.0.0.1 -/12896',
    '19942 127.0.0.1 -/8784',
    '20001 127.0.0.1 -/8980',
    '32917 127.0.0.1 -/8784',
    '38324 127.0.0.1 -/12896',
    '40001 127.0.0.1 -/7580',
  ],
  'proc_net_tcp6.txt': ['22 127.0.0.1 ::1 -'],
  'proc_net_tcp_procfs.txt': ['22 127.0.0.1 10.0.0.5 -'],
  'ss_-tulpen_ubuntu18.txt': [
    '22 127.0.0.1 sshd/1998',
    '25 127.0.0.1 master/5745',
    '53 127.0.0.53 192.168.122.1 systemd-resolve/1117',
    '80 127.0.0.1 /usr/sbin/apach/24795',
    '111 127.0.0.1 rpcbind/1119',
    '389 127.0.0.1 dockerd/2840',
    '443 127.0.0.1 /usr/sbin/apach/24795',
    '446 127.0.0.1 dockerd/2840',
    '631 127.0.0.1 cupsd/1410',
    '636 127.0.0.1 dockerd/2840',
    '1883 127.0.0.1 mosquitto/1798',
    '2003 127.0.0.1 dockerd/2840',
    '2004 127.0.0.1 dockerd/2840',
    '2023 127.0.0.1 dockerd/2840',
    '2024 127.0.0.1 dockerd/2840',
    '2222 127.0.0.1 dockerd/2840',
    '2223 127.0.0.1 dockerd/2840',
    '2377 127.0.0.1 dockerd/2840',
    '2812 127.0.0.1 monit/1806',
    '3000 127.0.0.1 dockerd/2840',
    '3003 127.0.0.1 dockerd/2840',
    '3033 127.0.0.1 dockerd/2840',
    '3306 127.0.0.1 mysqld/2367',
    '3689 127.0.0.1 rhythmbox/6716',
    '5000 127.0.0.1 dockerd/2840',
    '5432 127.0.0.1 dockerd/2840',
    '5665 127.0.0.1 icinga2/5337',
    '5939 127.0.0.1 teamviewerd/4963',
    '6379 127.0.0.1 dockerd/2840',
    '6443 127.0.0.1 dockerd/2840',
    '6566 127.0.0.1 systemd/1',
    '7946 127.0.0.1 dockerd/2840',
    '8000 127.0.0.1 dockerd/2840',
    '8081 127.0.0.1 dockerd/2840',
    '8082 127.0.0.1 dockerd/2840',
    '8084 127.0.0.1 Main/1799',
    '8085 127.0.0.1 dockerd/2840',
    '8086 127.0.0.1 dockerd/2840',
    '8087 127.0.0.1 dockerd/2840',
    '8089 127.0.0.1 dockerd/2840',
    '8091 127.0.0.1 dockerd/2840',
    '8092 127.0.0.1 dockerd/2840',
    '8126 127.0.0.1 dockerd/2840',
    '9000 127.0.0.1 dockerd/2840',
    '9090 127.0.0.1 prometheus/1543',
    '9100 127.0.0.1 prometheus-node/1419',
    '9104 127.0.0.1 prometheus-mysq/1587',
    '9111 127.0.0.1 syno_exporter-0/1941',
    '9115 127.0.0.1 prometheus-blac/1651',
    '9116 127.0.0.1 snmp_exporter/1928',
    '9133 127.0.0.1 fritzbox_export/1951',
    '9187 127.0.0.1 prometheus-post/1671',
    '10050 192.168.178.5 zabbix_agent2/6359',
    '27017 127.0.0.1 dockerd/2840',
    '40783 127.0.0.1 containerd/2002',
    '46624 127.0.0.1 kited/27494',
    '49152 127.0.0.1 TabNine-deep-lo/9583',
  ],
};

describeFixtures('ports', (files) => {
  const read = (name: string, text: string): readonly ListeningPort[] => {
    if (name.startsWith('ss_')) return parseSs(text);
    if (name.startsWith('proc_')) return parseProcNetTcp(text);
    return name.startsWith('lsof_') ? parseLsof(text) : parseNetstat(text);
  };

  test('every file, as a table', () => {
    const found = files.map(({ name, bytes }) => ({
      name,
      ports: read(name, decodeOutput(bytes)).map(inWords),
    }));
    console.table(
      found.map(({ name, ports }) => ({ file: name, ports: ports.length, first: ports[0] ?? '(none)' })),
    );
    for (const { name, ports } of found) if (name in expected) expect(ports, name).toEqual(expected[name]);
    expect(found.filter(({ name }) => name in expected)).toHaveLength(Object.keys(expected).length);
  });

  test('no parser minds the files of the others', () => {
    for (const { text } of files)
      for (const parse of [parseSs, parseProcNetTcp, parseNetstat, parseLsof]) parse(text);
  });
});
