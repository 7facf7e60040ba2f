import { render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { ServePlace, useOpenServe } from '../../../renderer/launches/ServePlace.tsx';

test('what opens the dialog stays the same: nobody below renders because the view does', () => {
  const seen = new Set<unknown>();
  const Probe = () => {
    seen.add(useOpenServe());
    return null;
  };
  const { rerender } = render(
    <ServePlace>
      <Probe />
    </ServePlace>,
  );
  rerender(
    <ServePlace>
      <Probe />
    </ServePlace>,
  );
  expect(seen.size).toBe(1);
});
