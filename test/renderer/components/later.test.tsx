import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { fetchParts, later } from '../../../renderer/components/later.tsx';

afterEach(cleanup);

const part = () => <p>the part</p>;
const meanwhile = <p>meanwhile</p>;

test('what was fetched renders at once', async () => {
  const Part = later(async () => part, meanwhile);
  await fetchParts();
  render(<Part />);
  expect(screen.getByText('the part')).toBeTruthy();
});

test('what was not is fetched once when it is shown, and its place is held meanwhile', async () => {
  let asked = 0;
  let arrive = () => {};
  const Part = later(() => {
    asked += 1;
    return new Promise<typeof part>((resolve) => {
      arrive = () => resolve(part);
    });
  }, meanwhile);
  // What suspends in an act that is not awaited is never tried again.
  await act(async () => {
    render(
      <>
        <Part />
        <Part />
      </>,
    );
  });
  expect(screen.getAllByText('meanwhile').length).toBeGreaterThan(0);
  expect(screen.queryByText('the part')).toBeNull();
  await act(async () => arrive());
  expect(await screen.findAllByText('the part')).toHaveLength(2);
  expect(asked).toBe(1);
});

test('what could not be fetched ahead is fetched again when it is shown', async () => {
  let asked = 0;
  const Part = later(async () => {
    asked += 1;
    if (asked === 1) throw new TypeError('Failed to fetch');
    return part;
  }, meanwhile);
  await fetchParts();
  await act(async () => void render(<Part />));
  expect(await screen.findByText('the part')).toBeTruthy();
  expect(asked).toBe(2);
});

test('a view that cannot be had says so, and a dialog does not show', async () => {
  const gone = () => Promise.reject(new TypeError('Failed to fetch'));
  const View = later(gone, meanwhile);
  const Dialog = later(gone);
  await fetchParts();
  await act(async () => {
    render(
      <>
        <div data-testid="dialog">
          <Dialog />
        </div>
        <View />
      </>,
    );
  });
  const heading = { name: 'This part of the window could not be loaded' };
  expect(await screen.findByRole('heading', heading)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Reload' })).toBeTruthy();
  expect(screen.getByTestId('dialog').textContent).toBe('');
});
