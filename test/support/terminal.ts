import { EventEmitter } from 'node:events';
import { readSettings } from '#common/settings-reading.ts';
import type { Io } from '../../main/cli/io.ts';

export interface Terminal {
  readonly io: Io;
  /** What was written to stdout and stderr so far. */
  out(): string;
  err(): string;
  press(keys: string): void;
  interrupt(): void;
  /** Whether keys come raw, and whether anybody listens for them. */
  keyboard(): { readonly raw: boolean; readonly listeners: number };
}

export interface TerminalOptions {
  readonly home: string;
  /** Size of the terminal; absent: the output goes to a file. */
  readonly size?: { readonly columns: number; readonly rows: number };
  readonly env?: NodeJS.ProcessEnv;
}

/** A terminal, or a pipe, that remembers what was written to it. */
export function createTerminal({ home, size, env = {} }: TerminalOptions): Terminal {
  const controller = new AbortController();
  const keys = new EventEmitter();
  let raw = false;
  const output = () => {
    let text = '';
    const resize = new EventEmitter();
    return {
      text: () => text,
      stream: {
        ...(size !== undefined && { isTTY: true, ...size }),
        write: (more: string) => {
          text += more;
        },
        on: (event: 'resize', listener: () => void) => resize.on(event, listener),
        off: (event: 'resize', listener: () => void) => resize.off(event, listener),
      },
    };
  };
  const out = output();
  const err = output();
  return {
    io: {
      out: out.stream,
      err: err.stream,
      keyboard: {
        isTTY: size !== undefined,
        setRawMode: (on) => {
          raw = on;
        },
        on: (event, listener) => keys.on(event, listener),
        off: (event, listener) => keys.off(event, listener),
        resume: () => undefined,
        pause: () => undefined,
      },
      env: { PATH: process.env.PATH, ...env },
      home,
      storedSettings: () => ({ ...readSettings(undefined), folder: null }),
      interrupted: controller.signal,
    },
    out: out.text,
    err: err.text,
    press: (text) => void keys.emit('data', Buffer.from(text)),
    interrupt: () => controller.abort(),
    keyboard: () => ({ raw, listeners: keys.listenerCount('data') }),
  };
}
