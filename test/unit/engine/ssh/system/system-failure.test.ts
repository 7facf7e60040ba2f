/** What OpenSSH's client says, as codes. */

import { describe, expect, it } from 'vitest';
import { readRefusal, systemConnectFailure, withoutDebug } from '#engine/ssh/system/system-failure.ts';
import { resolvedHost } from '../../../../support/ssh/resolved-host.ts';

const changed = [
  '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @',
  'The fingerprint for the ED25519 key sent by the remote host is',
  'SHA256:AAAAnew+/.',
  'Add correct host key in /home/me/.ssh/known_hosts to get rid of this message.',
  'Offending ED25519 key in /home/me/.ssh/known hosts:3',
  'Host key verification failed.',
].join('\n');

describe('why ssh did not connect', () => {
  it.each([
    ['ssh: Could not resolve hostname gpu1: Name or service not known', 'dns-failed', 'connect'],
    ['ssh: connect to host gpu1 port 22: Connection refused', 'connection-refused', 'connect'],
    ['ssh: connect to host gpu1 port 22: Connection timed out', 'connection-timeout', 'connect'],
    ['ssh: connect to host gpu1 port 22: No route to host', 'host-unreachable', 'connect'],
    ['Host key verification failed.', 'hostkey-unknown', 'handshake'],
    ['me@gpu1: Permission denied (publickey).', 'auth-failed', 'authenticate'],
    ['me@gpu1: Permission denied (publickey,password).', 'auth-interactive', 'authenticate'],
    ['Received disconnect: Too many authentication failures', 'auth-too-many', 'authenticate'],
    ['Access denied by pam_slurm_adopt: you have no active jobs on this node', 'needs-job', 'authenticate'],
    ['Unable to negotiate with 10.0.0.1: no matching host key type found', 'algorithm-mismatch', 'handshake'],
    ['kex_exchange_identification: Connection closed by remote host', 'throttled', 'connect'],
    ['/home/me/.ssh/config: line 3: Bad configuration option: foo', 'resolve-failed', 'resolve'],
    ['Connection closed by 10.0.0.1 port 22', 'account-refused', 'authenticate'],
    ['something else entirely', 'connection-lost', 'connect'],
    ['', 'connection-lost', 'connect'],
  ])('by %j', (said, code, step) => {
    expect(systemConnectFailure(said, resolvedHost())).toMatchObject({ code, step, command: 'ssh gpu1' });
  });

  it('by a changed key comes before the refusal that follows, with the command that removes the old one', () => {
    const at2222 = resolvedHost({ port: 2222 });
    const failure = systemConnectFailure(changed.replace('known hosts', 'known_hosts'), at2222);
    expect(failure).toMatchObject({
      code: 'hostkey-changed',
      detail: 'SHA256:AAAAnew+/ instead of the key at /home/me/.ssh/known_hosts:3',
      command: "ssh-keygen -R '[gpu1.example]:2222' -f /home/me/.ssh/known_hosts",
    });
    const named = resolvedHost();
    const alias = { ...named, hostKeys: { ...named.hostKeys, alias: 'farm; rm -rf ~' } };
    expect(systemConnectFailure('Host key for x has changed', alias).command).toBe(
      "ssh-keygen -R 'farm; rm -rf ~'",
    );
  });

  it('is short and plain, whatever a host has put into it', () => {
    const { detail } = systemConnectFailure(`\u001b[31m${'x'.repeat(100_000)}\u0007`, resolvedHost());
    expect(detail?.length).toBeLessThanOrEqual(400);
    expect(detail).not.toContain('\u001b');
  });
});

describe('why a channel was not opened', () => {
  it.each([
    ['channel 3: open failed: administratively prohibited: open failed', 'forward', 'forwarding-prohibited'],
    ['channel 3: open failed: connect failed: Connection refused', 'forward', 'target-refused'],
    ['stdio forwarding failed', 'forward', 'target-refused'],
    [
      'mux_client_request_session: session request failed: Session open refused by peer',
      'shell',
      'sessions-exhausted',
    ],
    ['This account is currently not available.', 'shell', 'no-shell'],
    ['', 'shell', 'no-shell'],
    ['', 'forward', 'target-refused'],
  ] as const)('by %j at %s', (said, step, code) => {
    expect(readRefusal(said, step)).toMatchObject({ code, step });
  });

  it('is what the latest such line says, without its number', () => {
    const said =
      'channel 1: open failed: connect failed: old\nchannel 2: open failed: connect failed: new\nbye\n';
    expect(readRefusal(said, 'forward').detail).toBe('connect failed: new');
  });
});

it('the lines for developers are left out', () => {
  const said = [
    'OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.9',
    'debug1: Reading configuration data',
    'Warning: Permanently added gpu1 to the list of known hosts.',
    '/etc/ssh/ssh_config line 3: Unsupported option "gssapi"',
    'Permission denied',
    '',
  ].join('\r\n');
  expect(withoutDebug(said)).toBe('Permission denied');
});
