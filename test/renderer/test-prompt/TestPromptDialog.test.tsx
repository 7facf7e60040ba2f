import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { TestPrompt } from '#common/servers.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import { aFailure } from '../../support/samples.ts';
import { forward, host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const shot = () =>
  snapshot({
    hosts: [host('gpu01', 1, 0), host('gpu02', 1, 0)],
    servers: [server('gpu01', 8000, ['org/first', 'second']), server('gpu02', 9000, ['third'])],
    forwards: [forward('gpu01', 8000, 16_103)],
  });

const testPrompt = (change: Partial<TestPrompt> = {}): TestPrompt => ({
  id: 'test 1',
  serverId: 'gpu01:8000',
  model: 'org/first',
  prompt: 'Hello?',
  state: { kind: 'running' },
  text: '',
  firstTokenMs: null,
  tokensPerSecond: null,
  tokens: 0,
  ...change,
});

async function openDialog(change: Parameters<typeof openWindow>[1] = {}) {
  const opened = await openWindow(shot(), { view: 'models', ...change });
  await opened.user.click(screen.getAllByRole('button', { name: /localhost:16103/ })[0] ?? document.body);
  await opened.user.click(screen.getByRole('menuitem', { name: 'Send a test prompt' }));
  const dialog = within(screen.getByRole('dialog', { name: 'Test prompt' }));
  const tell = (...testPrompts: readonly TestPrompt[]) =>
    opened.apply({ kind: 'parts-changed', parts: { testPrompts } });
  return { ...opened, dialog, tell };
}

test('a prompt goes to the chosen model with the keyboard alone', async () => {
  const { user, calls, dialog, container } = await openDialog();
  await expectAccessible(container);
  const model = dialog.getByLabelText('Model');
  expect(
    within(model)
      .getAllByRole('option')
      .map(({ textContent }) => textContent),
  ).toEqual(['org/first · gpu01:8000', 'second · gpu01:8000', 'third · gpu02:9000']);
  expect(model).toHaveProperty('value', 'gpu01:8000 org/first');
  await user.selectOptions(model, 'third · gpu02:9000');
  const prompt = dialog.getByLabelText('Prompt');
  await user.clear(prompt);
  await user.click(dialog.getByRole('button', { name: 'Send' }));
  expect(dialog.getByRole('alert').textContent).toBe('Enter a prompt.');
  await user.type(prompt, 'Who are you?{Control>}{Enter}{/Control}');
  expect(calls()).toEqual([
    { name: 'model.test', input: { serverId: 'gpu02:9000', model: 'third', prompt: 'Who are you?' } },
  ]);
});

test('an answer grows with its figures, and only its beginning and end are announced', async () => {
  const { user, calls, dialog, tell, container } = await openDialog();
  tell(testPrompt());
  const status = await dialog.findByText('Asking first');
  expect(status.closest('[role="status"]')).toBeTruthy();
  expect(dialog.getByText('Waiting for the first token')).toBeTruthy();
  tell(testPrompt({ text: 'Some\nwords', firstTokenMs: 93, tokensPerSecond: 41.7, tokens: 2 }));
  const answer = await dialog.findByRole('region', { name: 'Answer of org/first (gpu01:8000)' });
  await waitFor(() => expect(answer.textContent).toBe('Some\nwords'));
  expect(answer.closest('[aria-live]')).toBeNull();
  expect(dialog.getByText('Asking first')).toBe(status);
  for (const figure of ['93 ms', '42 tok/s', '2 tokens']) expect(dialog.getByText(figure)).toBeTruthy();
  await expectAccessible(container);
  await user.click(dialog.getByRole('button', { name: 'Stop' }));
  await user.click(dialog.getByRole('button', { name: 'Stop the answer of org/first' }));
  expect(calls()).toEqual([
    { name: 'model.endTest', input: { id: 'test 1' } },
    { name: 'model.endTest', input: { id: 'test 1' } },
  ]);
  tell(testPrompt({ text: 'Some\nwords', tokens: 2, state: { kind: 'done' } }));
  expect(await dialog.findByText('first has answered, 2 tokens')).toBe(status);
  expect(dialog.getByRole('button', { name: 'Send' })).toBeTruthy();
});

test('the latest answers stand there to be compared, each with what was asked; one can be forgotten', async () => {
  const { user, calls, dialog, tell } = await openDialog();
  tell(
    testPrompt({ state: { kind: 'done' }, text: 'one' }),
    testPrompt({
      id: 'test 2',
      model: 'gone',
      serverId: 'x:1',
      prompt: 'Again?',
      state: { kind: 'stopped' },
    }),
  );
  const answers = within(await dialog.findByRole('list', { name: 'Answers' })).getAllByRole('listitem');
  expect(answers.map((answer) => [answer.textContent.includes('Again?'), answer.textContent])).toEqual([
    [true, expect.stringContaining('Stopped')],
    [false, expect.stringContaining('Hello?')],
  ]);
  await user.click(dialog.getByRole('button', { name: 'Discard gone’s answer' }));
  expect(calls()).toEqual([{ name: 'model.endTest', input: { id: 'test 2' } }]);
});

test('what went wrong is said in the words of the server', async () => {
  const { dialog, tell } = await openDialog();
  const refused = aFailure('server-error', { step: 'models', detail: 'HTTP 400: no chat template' });
  tell(testPrompt({ state: { kind: 'failed', failure: refused } }));
  expect(await dialog.findByText('HTTP 400: no chat template')).toBeTruthy();
  expect(dialog.getByText(errorsEn['server-error'].hint)).toBeTruthy();
  expect(dialog.getByText(/^first has not answered/).closest('[role="status"]')).toBeTruthy();
});

test('a call that is refused is a message, and the dialog outlasts the row that opened it', async () => {
  const { user, dialog, apply } = await openDialog({
    handlers: {
      'model.test': () => {
        throw new AppError('not-found');
      },
    },
  });
  apply({ kind: 'servers-found', hostId: 'gpu01', servers: [] });
  apply({ kind: 'forward-closed', forwardId: 'gpu01:8000' });
  expect(await dialog.findByRole('option', { name: '' })).toBeTruthy();
  await user.click(dialog.getByRole('button', { name: 'Send' }));
  expect(dialog.getByRole('alert').textContent).toBe('No model available.');
  await user.selectOptions(dialog.getByLabelText('Model'), 'third · gpu02:9000');
  await user.click(dialog.getByRole('button', { name: 'Send' }));
  expect(await screen.findByText(errorsEn['not-found'].title)).toBeTruthy();
  await user.click(dialog.getByRole('button', { name: 'Close' }));
  expect(screen.queryByRole('dialog')).toBeNull();
});
