import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Forward } from '#common/forwards.ts';
import { mayQuit, quitQuestion } from '../../main/electron/quit-question.ts';
import { sampleForward, sampleSnapshot } from '../support/contract/sample.ts';
import { aFailure } from '../support/samples.ts';
import { app, dialog, resetDouble } from './double.ts';
import { createScriptedEngine } from './face.ts';

vi.mock('electron', () => import('./double.ts'));

beforeEach(resetDouble);

const failure = aFailure('auth-failed', { step: 'authenticate' });
const forwards = (n: number): readonly Forward[] =>
  Array.from({ length: n }, (_, index) => ({
    ...sampleForward,
    id: `a:${index}`,
    localPort: 16_100 + index,
  }));
const ask = (n: number) => quitQuestion({ ...sampleSnapshot, forwards: forwards(n) }, 'en');

describe('the question before quitting', () => {
  it('is none while no forward is open, or when nobody wants it', () => {
    const { settings } = sampleSnapshot;
    const broken: Forward = { ...sampleForward, state: { kind: 'failed', failure } };
    for (const snapshot of [
      sampleSnapshot,
      { ...sampleSnapshot, forwards: [broken, { ...sampleForward, localPort: null }] },
      { ...sampleSnapshot, forwards: forwards(2), settings: { ...settings, confirmQuit: false } },
    ]) {
      expect(quitQuestion(snapshot, 'en')).toBeNull();
    }
  });

  it('names what breaks', () => {
    expect(ask(1)).toMatchObject({
      message: 'Quit and close 1 forward?',
      detail: 'Programs that use localhost:16100 lose their connection.',
      buttons: ['Quit', 'Keep running'],
      cancelId: 1,
    });
    expect(ask(5)?.detail).toBe(
      'Programs that use localhost:16100, localhost:16101, localhost:16102 and 2 more lose their connection.',
    );
    const russian = quitQuestion({ ...sampleSnapshot, forwards: forwards(5) }, 'ru');
    expect(russian?.message).toBe('Выйти и закрыть 5\u00a0пробросов?');
  });
});

describe('the answer', () => {
  const engine = createScriptedEngine({ ...sampleSnapshot, forwards: forwards(1) });
  const may = (parent: object | null, response: number, checkboxChecked = false) => {
    dialog.answer = async () => ({ response, checkboxChecked });
    const handlers = { ...engine.handlers } as never;
    return mayQuit(
      { engine, language: () => 'en', platform: 'darwin' },
      { visible: () => parent as never },
      handlers,
    );
  };

  it('is given in front of the window, or by itself where there is none', async () => {
    const window = {};
    expect(await may(window, 0)).toBe(true);
    expect(await may(null, 1)).toBe(false);
    expect(dialog.questions.map(({ parent }) => parent)).toEqual([window, null]);
    expect(app.stolenFocus).toBe(1);
    expect(engine.calls).toEqual([]);
  });

  it('is remembered as the last one only by whoever quits', async () => {
    expect(await may(null, 1, true)).toBe(false);
    expect(engine.calls).toEqual([]);
    expect(await may(null, 0, true)).toBe(true);
    expect(engine.calls).toEqual([{ name: 'settings.update', input: { change: { confirmQuit: false } } }]);
  });
});
