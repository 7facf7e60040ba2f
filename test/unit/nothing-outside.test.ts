/** That the rule of this suite is held, by whatever name a test or the code under it goes out. */

import { exec, execFile, execFileSync, execSync, fork, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import http from 'node:http';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { takeAttempts } from './nothing-outside.ts';

describe('a unit test', () => {
  it.each<[string, () => unknown]>([
    ['spawn', () => spawn('true')],
    ['spawnSync', () => spawnSync('true')],
    ['exec', () => exec('true')],
    ['execSync', () => execSync('true')],
    ['execFile', () => execFile('true')],
    ['execFileSync', () => execFileSync('true')],
    ['fork', () => fork('true')],
  ])('starts no process by %s', (_name, start) => {
    expect(start).toThrow('must not start a process');
    expect(takeAttempts()).toEqual(['start a process']);
  });

  it('starts none by a promise either', async () => {
    await expect(async () => promisify(execFile)('true')).rejects.toThrow('must not start a process');
    expect(takeAttempts()).toEqual(['start a process']);
  });

  it.each<[string, string, () => unknown]>([
    ['connects', 'connect a socket', () => connect(9, '127.0.0.1')],
    ['listens', 'listen on a socket', () => createServer().listen(0)],
    ['serves', 'listen on a socket', () => http.createServer().listen(0)],
    ['binds', 'bind a socket', () => createSocket('udp4').bind(0)],
  ])('%s nowhere', (_name, attempt, open) => {
    expect(open).toThrow(`must not ${attempt}`);
    expect(takeAttempts()).toEqual([attempt]);
  });
});
