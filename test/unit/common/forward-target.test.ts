import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fieldsOf,
  forwardId,
  isOwnPort,
  readForwardTarget,
  targetOf,
  targetText,
} from '#common/forward-target.ts';
import { serverId } from '#common/ids.ts';

const none = { remotePort: null, remoteHost: null, remoteSocket: null };

describe('a target as a person writes it', () => {
  it.each([
    ['8000', { ...none, remotePort: 8000 }],
    [' localhost:8000 ', { ...none, remotePort: 8000 }],
    ['127.0.0.1:8000', { ...none, remotePort: 8000 }],
    ['127.0.0.2:8000', { ...none, remotePort: 8000, remoteHost: '127.0.0.2' }],
    ['node7.cluster:8000', { ...none, remotePort: 8000, remoteHost: 'node7.cluster' }],
    ['[fd00::7]:8000', { ...none, remotePort: 8000, remoteHost: 'fd00::7' }],
    ['/run/vllm.sock', { ...none, remoteSocket: '/run/vllm.sock' }],
    ['/run/user/1000/vllm sock', { ...none, remoteSocket: '/run/user/1000/vllm sock' }],
  ])('%s', (text, target) => {
    expect(readForwardTarget(text)).toEqual(target);
    expect(readForwardTarget(targetText(target))).toEqual(target);
    expect(targetOf(fieldsOf(target))).toEqual(target);
  });

  it.each([
    '',
    '0',
    '65536',
    'node7',
    'node7:',
    ':8000',
    'node7:0',
    '-oProxyCommand=x:80',
    'a b:80',
    'a/b:80',
    'a@b:80',
    '[x]:80',
    'run/vllm.sock',
    '/run/',
    '/',
    '/run/a\nb',
    '/run/\u202ea',
    `/${'x'.repeat(107)}`,
    `/${'ы'.repeat(60)}`,
  ])('%j is none', (text) => {
    expect(readForwardTarget(text)).toBeNull();
  });

  it('that is of no kind, or of two, is none', () => {
    expect(targetOf({})).toBeNull();
    expect(targetOf({ remoteHost: 'node7' })).toBeNull();
    expect(targetOf({ remotePort: 1, remoteSocket: '/a' })).toBeNull();
  });

  it('is read whatever it is, and never twice in two ways', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const target = readForwardTarget(text);
        if (target !== null) expect(readForwardTarget(targetText(target))).toEqual(target);
      }),
    );
  });
});

it('the forward of an own port has the id of its server, and no other has', () => {
  const own = { ...none, remotePort: 8000 };
  expect([isOwnPort(own), forwardId('a', own)]).toEqual([true, serverId('a', 8000)]);
  const beyond = { ...own, remoteHost: 'node7' };
  expect([isOwnPort(beyond), forwardId('a', beyond)]).toEqual([false, 'a:node7:8000']);
  const socket = { ...none, remoteSocket: '/run/a.sock' };
  expect([isOwnPort(socket), forwardId('a', socket)]).toEqual([false, 'a:/run/a.sock']);
});
