import { describe, expect, it } from 'vitest';
import { menu } from '#common/menu.ts';
import { defaultSettings } from '#common/settings.ts';
import { launch, snapshot } from '../../support/snapshot.ts';

describe('launches in the tray', () => {
  it('are no entry where there is neither a profile nor a launch', () => {
    const ids = menu(snapshot({}), 'en').map((entry) => ('id' in entry ? entry.id : ''));
    expect(ids).not.toContain('launches');
  });

  it('start a profile with one click, and show how far those are that run', () => {
    const settings = {
      ...defaultSettings,
      launchProfiles: [
        {
          id: 'p1',
          name: 'chat',
          request: {
            hostId: null,
            model: 'm',
            launcher: { kind: 'auto' as const },
            args: [],
            env: {},
            lifetimeSeconds: null,
          },
        },
      ],
    };
    const launches = [
      launch('gpu01', 'a', { model: 'org/a', stage: { kind: 'load', pct: 40 } }),
      launch('gpu01', 'b', { stage: { kind: 'stopped', why: 'asked' } }),
    ];
    const section = menu(snapshot({ settings, launches }), 'en').find(
      (entry) => 'id' in entry && entry.id === 'launches',
    );
    expect(section).toMatchObject({
      kind: 'submenu',
      entries: [
        { label: 'Serve chat', call: { name: 'launch.startProfile', input: { profileId: 'p1' } } },
        { kind: 'separator' },
        {
          label: 'org/a · gpu01   loading the weights, 40 %',
          call: { name: 'app.showWindow', input: { place: { view: 'models', id: 'gpu01/a' } } },
        },
      ],
    });
  });
});
