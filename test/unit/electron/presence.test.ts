import { expect, it } from 'vitest';
import { setPresence } from '../../../main/electron/presence.ts';

function calls(platform: NodeJS.Platform, present: boolean): readonly string[] {
  const made: string[] = [];
  const app = {
    setActivationPolicy: (policy: string) => void made.push(policy),
    focus: () => void made.push('focus'),
  };
  setPresence(app, platform, present);
  return made;
}

it('on macOS the app is in the Dock while its window is there, and comes to the front with it', () => {
  expect(calls('darwin', true)).toEqual(['regular', 'focus']);
  expect(calls('darwin', false)).toEqual(['accessory']);
});

it('other systems know no such thing', () => {
  expect([calls('linux', true), calls('win32', false)]).toEqual([[], []]);
});
