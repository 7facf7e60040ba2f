import { expect, it } from 'vitest';
import { isUnlikelyGpuHost } from '#common/select/likely-hosts.ts';

const at = (hostname: string, user = 'me') => ({ hostname, port: 22, user });

it.each([
  ['work', at('git.example.org', 'git')],
  ['github.com', null],
  ['github.com', at('ssh.github.com')],
  ['gh', at('github.com')],
  ['gitlab-work', at('10.0.0.1')],
  ['code', at('gitlab.example.org')],
  ['bastion', null],
  ['lab-bastion2', at('10.1.0.1')],
  ['jump.example.org', null],
  ['hf', at('hf.co')],
  ['aws', at('git-codecommit.us-east-1.amazonaws.com')],
])('%s at %j is probably no GPU host', (alias, endpoint) => {
  expect(isUnlikelyGpuHost(alias, endpoint)).toBe(true);
});

it.each([
  ['gpu01', at('gpu01.example.org')],
  ['digit-4', at('10.0.0.1')],
  ['legit', null],
  ['gateway-gpu', at('10.0.0.1')],
  ['h100-gw', at('h100-gw.example.org')],
  ['compute', at('compute.gateway.example.org')],
  ['jumping-spider', null],
  ['login', at('login.cluster.org')],
])('%s at %j may be one', (alias, endpoint) => {
  expect(isUnlikelyGpuHost(alias, endpoint)).toBe(false);
});
