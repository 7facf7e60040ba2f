import { expect, test } from 'vitest';
import { readLine } from '../../../main/cli/line-reader.ts';
import { createTerminal } from '../../support/terminal.ts';

function open(echo: boolean) {
  const controller = new AbortController();
  const terminal = createTerminal({ home: '/', size: { columns: 80, rows: 24 } });
  return { ...terminal, controller, typed: readLine(terminal.io, { echo, signal: controller.signal }) };
}

test.each([
  ['abc\r', 'abc'],
  ['ab\u007fc\n', 'ac'],
  ['x\b\b\u007fpäss wörd\r', 'päss wörd'],
  ['wrong\u0015right\r', 'right'],
  ['a\u001b[D\u001b[3~\u001bOHb\r', 'ab'],
  ['\t\u0001a\u0000b\r', 'ab'],
  ['first\rsecond\r', 'first'],
  ['\r', ''],
])('%j is %j', async (keys, text) => {
  const { typed, press, keyboard, err } = open(false);
  expect(keyboard()).toEqual({ raw: true, listeners: 1 });
  press(keys);
  expect(await typed).toEqual({ kind: 'line', text });
  expect(keyboard()).toEqual({ raw: false, listeners: 0 });
  expect(err()).toBe('\n');
});

test('what may be seen is seen, with what was erased', async () => {
  const { typed, press, err } = open(true);
  press('ab\u007f');
  press('c\r');
  expect(await typed).toEqual({ kind: 'line', text: 'ac' });
  expect(err()).toBe('ab\b \bc\n');
});

test('Ctrl-C, Ctrl-D and the end of the question', async () => {
  const interrupted = open(false);
  interrupted.press('a\u0003');
  expect(await interrupted.typed).toEqual({ kind: 'interrupted' });
  const ended = open(false);
  ended.press('\u0004');
  expect(await ended.typed).toEqual({ kind: 'gave-up' });
  const gone = open(false);
  gone.controller.abort();
  expect(await gone.typed).toEqual({ kind: 'gave-up' });
  expect(gone.keyboard()).toEqual({ raw: false, listeners: 0 });
});
