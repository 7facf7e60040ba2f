import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { failedHost, gpu, host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const l40s = gpu(0, { name: 'NVIDIA L40S', memTotalMiB: 46_068 });
const shot = () =>
  snapshot({
    hosts: [
      host('gpu01', 3, 1),
      host('gpu02', 0, 2),
      host('l40s', 0, 0, { gpus: [l40s] }),
      failedHost('off1'),
    ],
    servers: [server('gpu01', 8000, ['a/model'])],
  });

const box = () => screen.getByRole<HTMLInputElement>('combobox', { name: /Filter/ });
const shown = () =>
  screen.queryAllByRole('rowheader').map((cell) => within(cell).getByRole('button').textContent);
const terms = () =>
  within(screen.getByRole('list', { name: 'Active filter' }))
    .getAllByRole('listitem')
    .map((item) => item.textContent);

test('typed terms filter, stand as chips, and go one by one', async () => {
  const { user, container } = await openWindow(shot());
  await user.type(box(), 'idle mem>=80GiB -gpu02');
  expect(shown()).toEqual(['gpu01']);
  expect(terms()).toEqual(['idle', 'mem>=80GiB']);
  expect(box().value).toBe('-gpu02');
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Remove mem>=80GiB' }));
  expect(terms()).toEqual(['idle']);
  expect(box().value).toBe('-gpu02');
  expect(document.activeElement).toBe(box());
  expect(shown()).toEqual(['gpu01', 'l40s']);
});

test('Backspace in the empty box takes the last chip back into the text', async () => {
  const { user } = await openWindow(shot());
  await user.type(box(), 'idle "two words" ');
  expect(terms()).toEqual(['idle', '"two words"']);
  expect(box().value).toBe('');
  await user.keyboard('{Backspace}');
  expect(terms()).toEqual(['idle']);
  expect(box().value).toBe('"two words"');
  await user.keyboard('{Backspace}');
  expect(box().value).toBe('"two words');
});

test('what is not understood is said in its place, and the rest still filters', async () => {
  const { user, container } = await openWindow(shot());
  await user.type(box(), 'free>= colour:red host:gpu01');
  expect(terms()).toEqual(['free>=', 'colour:red']);
  const faults = container.querySelectorAll(`#${box().getAttribute('aria-describedby')} > p`);
  expect([...faults].map(({ textContent }) => textContent)).toEqual([
    'free>= Needs a number, as in free>=4',
    'colour:red There is no “colour:”; in quotes it is searched as text',
  ]);
  expect(box().getAttribute('aria-invalid')).toBe('true');
  expect(shown()).toEqual(['gpu01']);
  await expectAccessible(container);
});

test('suggestions are taken by keyboard; Escape puts them away before it clears', async () => {
  const { user, container } = await openWindow(shot());
  await user.type(box(), 'ki');
  const list = screen.getByRole('listbox', { name: 'Suggestions' });
  expect(box().getAttribute('aria-expanded')).toBe('true');
  await user.keyboard('{ArrowDown}');
  const option = within(list).getByRole('option', { name: 'kind:' });
  expect(box().getAttribute('aria-activedescendant')).toBe(option.id);
  await expectAccessible(container);
  await user.keyboard('{Enter}');
  expect(box().value).toBe('kind:');
  await user.keyboard('{ArrowDown}{ArrowDown}{Enter}');
  expect(terms()).toEqual(['kind:"NVIDIA L40S"']);
  expect(box().value).toBe('');
  expect(shown()).toEqual(['l40s']);
  await user.keyboard('us');
  expect(screen.getByRole('listbox')).toBeTruthy();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('listbox')).toBeNull();
  expect(box().value).toBe('us');
  await user.keyboard('{Escape}');
  expect(box().value).toBe('');
});

test('an arrow in the empty box offers every key, a press takes one', async () => {
  const { user } = await openWindow(shot());
  await user.click(box());
  expect(screen.queryByRole('listbox')).toBeNull();
  await user.keyboard('{ArrowDown}');
  expect(screen.getAllByRole('option').map(({ textContent }) => textContent)).toContain('free>=');
  await user.click(screen.getByRole('option', { name: 'idle' }));
  expect(terms()).toEqual(['idle']);
  expect(document.activeElement).toBe(box());
});

test('the help lists the forms and adds one', async () => {
  const { user, container } = await openWindow(shot());
  await user.click(screen.getByRole('button', { name: 'How to filter' }));
  const help = screen.getByRole('dialog', { name: 'How to filter' });
  await waitFor(() => expect(help.contains(document.activeElement)).toBe(true));
  await expectAccessible(container);
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'How to filter' }));
  await user.click(screen.getByRole('button', { name: 'How to filter' }));
  await user.click(screen.getByRole('button', { name: /^idle/ }));
  expect(box().value).toBe('idle');
  expect(document.activeElement).toBe(box());
});

test('models and forwards understand the same', async () => {
  const { user } = await openWindow(shot(), { view: 'models' });
  await user.type(box(), 'free>=3 model:a/');
  expect(screen.getByTitle('a/model')).toBeTruthy();
  await user.type(box(), ' -state:up');
  expect(screen.getByRole('heading', { name: /^Nothing matches/ })).toBeTruthy();
});
