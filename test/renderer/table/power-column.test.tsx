/** What it takes to add a column: `columns.tsx` and `words.ts` of its view, which alone are replaced here by ones with "Power". */

import { screen, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { busyGpu, host, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

vi.mock('../../../renderer/gpus/words.ts', async (original) => {
  const { gpuWords } = await original<typeof import('../../../renderer/gpus/words.ts')>();
  return {
    gpuWords: {
      en: { ...gpuWords.en, powerDraw: 'Power drawn' },
      ru: { ...gpuWords.ru, powerDraw: 'Потребление' },
    },
  };
});

vi.mock('../../../renderer/gpus/columns.tsx', async (original) => {
  const columns = await original<typeof import('../../../renderer/gpus/columns.tsx')>();
  const { gpuWords } = await import('../../../renderer/gpus/words.ts');
  const wattsOf = ({ host: { gpus } }: import('../../../renderer/gpus/columns.tsx').HostRow) =>
    gpus.reduce((sum, { powerW }) => sum + (powerW ?? 0), 0);
  const power: import('../../../renderer/table/column.ts').Column<
    import('../../../renderer/gpus/columns.tsx').HostRow
  > = {
    key: 'powerDraw',
    align: 'end',
    fromRem: 80,
    order: { value: wattsOf, first: 'descending', isLive: true },
    room: { rem: 5 },
    cell: (row, { formats }) => `${formats.whole(wattsOf(row))} W`,
  };
  const { hostTable } = columns;
  return {
    ...columns,
    hostTable: { ...hostTable, words: gpuWords, columns: [...hostTable.columns, power] },
  };
});

afterEach(closeWindow);

const hosts = [
  host('cool', 0, 0, { gpus: [busyGpu(0, { powerW: 100 })] }),
  host('hot', 0, 0, { gpus: [busyGpu(0, { powerW: 1200 })] }),
];
const names = () =>
  screen.getAllByRole('rowheader').map((header) => within(header).getByRole('button').textContent);

test('a column of power shows, sorts, can be hidden and comes back', async () => {
  const { user, container } = await openWindow(snapshot({ hosts }));
  expect(screen.getByRole('cell', { name: '1,200 W' })).toBeTruthy();
  const header = screen.getByRole('columnheader', { name: 'Power drawn' });
  await user.click(within(header).getByRole('button'));
  expect(names()).toEqual(['hot', 'cool']);
  await user.click(within(header).getByRole('button'));
  expect(names()).toEqual(['cool', 'hot']);
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Columns' }));
  await user.click(screen.getByRole('checkbox', { name: 'Power drawn' }));
  expect(screen.queryByRole('cell', { name: '1,200 W' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Show all' }));
  expect(screen.getByRole('cell', { name: '1,200 W' })).toBeTruthy();
});
