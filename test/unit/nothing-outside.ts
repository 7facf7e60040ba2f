/**
 * Set up before every file of unit tests: a unit test starts no process and opens no socket. One that does fails, also
 * where the code under test goes on without; it belongs to another suite.
 */

import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { afterEach, expect } from 'vitest';

const attempts: string[] = [];

/** What was tried since the last call. */
export const takeAttempts = (): readonly string[] => attempts.splice(0);

const refuse = (attempt: string) => (): never => {
  attempts.push(attempt);
  throw new Error(`a unit test must not ${attempt}`);
};

// Every other way to start a program in the background ends in `spawn` of this class.
Object.assign(childProcess.ChildProcess.prototype, { spawn: refuse('start a process') });
for (const name of ['spawnSync', 'execSync', 'execFileSync'])
  Object.assign(childProcess, { [name]: refuse('start a process') });
Object.assign(net.Socket.prototype, { connect: refuse('connect a socket') });
Object.assign(net.Server.prototype, { listen: refuse('listen on a socket') });
Object.assign(dgram.Socket.prototype, { bind: refuse('bind a socket'), send: refuse('send a datagram') });
syncBuiltinESMExports();

afterEach(() => {
  expect(takeAttempts(), 'what only another suite may do').toEqual([]);
});
