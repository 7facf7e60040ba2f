import { describe, expect, it } from 'vitest';
import { initialPlacement } from '../../main/electron/window-placement.ts';

const laptop = { x: 0, y: 0, width: 1440, height: 860 };
const monitor = { x: 1440, y: -200, width: 2560, height: 1400 };

describe('initialPlacement', () => {
  it('opens where the window was', () => {
    const stored = { x: 1800, y: -100, width: 1200, height: 900, maximized: true };
    expect(initialPlacement(stored, [laptop, monitor])).toEqual(stored);
  });

  it('centres a window whose screen is gone, and fits it to the one that is there', () => {
    const stored = { x: 1800, y: -100, width: 2400, height: 1300, maximized: false };
    expect(initialPlacement(stored, [laptop])).toEqual({ width: 1440, height: 860, maximized: false });
  });

  it('lets a window stand partly beside the screen while its title bar can be reached', () => {
    const stored = { x: 1300, y: 100, width: 800, height: 600, maximized: false };
    expect(initialPlacement(stored, [laptop])).toEqual(stored);
    for (const out of [{ x: 1400 }, { x: -700 }, { y: -20 }, { y: 850 }]) {
      expect(initialPlacement({ ...stored, ...out }, [laptop])).not.toHaveProperty('x');
    }
  });

  it.each([
    undefined,
    null,
    'x',
    [],
    { x: 1 },
    { x: 0, y: 0, width: '9', height: 9, maximized: false },
    { x: 0.5, y: 0, width: 900, height: 700, maximized: false },
    { x: 1e300, y: 0, width: 900, height: 700, maximized: false },
  ])('takes the default for %j', (stored) => {
    expect(initialPlacement(stored, [laptop])).toEqual({ width: 1100, height: 720, maximized: false });
  });

  it('keeps the minimum on a small screen, and opens without knowing any', () => {
    expect(initialPlacement(null, [{ x: 0, y: 0, width: 320, height: 240 }])).toMatchObject({
      width: 480,
      height: 400,
    });
    expect(initialPlacement(null, [])).toMatchObject({ width: 1100, height: 720 });
  });
});
