import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notice } from '#common/notices.ts';
import type { Place } from '#common/place.ts';
import { defaultSettings } from '#common/settings.ts';
import { createNotifier, failureText, type Notifier } from '../../main/electron/notifications.ts';
import { isInSight, tellNotices } from '../../main/electron/tell-notices.ts';
import { sampleSnapshot } from '../support/contract/sample.ts';
import { Notification, resetDouble } from './double.ts';
import { createScriptedEngine, type ScriptedEngine } from './face.ts';

vi.mock('electron', () => import('./double.ts'));

let log: string[];
let refusals: string[];
let notifier: Notifier;

beforeEach(() => {
  resetDouble();
  log = [];
  refusals = [];
  notifier = open(null);
});

const open = (iconFile: string | null, platform: NodeJS.Platform = 'linux') =>
  createNotifier({
    platform,
    iconFile,
    onRefused: (cause) => void refusals.push(cause),
    log: (level, message) => void log.push(`${level}: ${message}`),
  });
const titles = () => Notification.shown.map(({ options }) => options.title);
const theNotification = () => {
  expect(Notification.shown).toHaveLength(1);
  return Notification.shown[0] as Notification;
};

describe('a notification', () => {
  it('says its text, with the icon where the system has none of its own', () => {
    notifier.show({ title: 'a', body: 'b' });
    expect(theNotification().options).toEqual({ title: 'a', body: 'b', urgency: 'normal' });
    open('/icons/256.png').show({ title: 'c', body: 'd' });
    expect(Notification.shown[1]?.options.icon).toBe('/icons/256.png');
  });

  it('is no markup, which it may be on Linux alone, whatever the names in it', () => {
    const body = '<a href="https://evil.example">m</a> &#8238; · gpu-01';
    notifier.show({ title: 'a', body });
    expect(theNotification().options.body).toBe('‹a href="https://evil.example"›m‹/a› ＆#8238; · gpu-01');
    open(null, 'darwin').show({ title: 'a', body });
    expect(Notification.shown[1]?.options.body).toBe(body);
  });

  it('hears its click, also long after it went to the notification centre', () => {
    const clicked = vi.fn();
    notifier.show({ title: 'a', body: '' }, clicked);
    const shown = theNotification();
    shown.end('timedOut');
    for (let n = 0; n < 19; n += 1) notifier.show({ title: `${n}`, body: '' });
    expect(titles()).toContain('a');
    shown.emit('click');
    expect(clicked).toHaveBeenCalledOnce();
  });

  it('is one of twenty: the oldest goes', () => {
    for (let n = 0; n < 25; n += 1) notifier.show({ title: `${n}`, body: '' });
    expect(titles()).toEqual(Array.from({ length: 20 }, (_, n) => `${n + 5}`));
  });

  it('counts no more once it is dismissed', () => {
    for (let n = 0; n < 19; n += 1) notifier.show({ title: `${n}`, body: '' });
    Notification.shown[3]?.end('userCanceled');
    for (let n = 19; n < 21; n += 1) notifier.show({ title: `${n}`, body: '' });
    expect(titles()[0]).toBe('0');
    expect(titles()).toHaveLength(20);
  });

  it('goes with the app', () => {
    notifier.show({ title: 'a', body: '' });
    notifier.dispose();
    expect(Notification.shown).toEqual([]);
  });

  it('that the system refuses is in the log, and once among the problems', () => {
    for (const title of ['a', 'b']) notifier.show({ title, body: '' });
    for (const one of [...Notification.shown]) one.fail('not signed');
    expect(log).toEqual(Array(2).fill('warn: a notification could not be shown: not signed'));
    expect(refusals).toEqual(['not signed']);
  });

  it('is not made where the desktop has none, which is said once', () => {
    Notification.supported = false;
    for (const title of ['b', 'c']) notifier.show({ title, body: '' });
    expect(titles()).toEqual([]);
    expect(refusals).toEqual(['this desktop has no notifications']);
    expect(log).toEqual(['warn: a notification could not be shown: this desktop has no notifications']);
  });
});

it('tells a failure with its remedy and its cause', () => {
  expect(failureText({ code: 'port-in-use', detail: '' }, 'en')).toEqual({
    title: 'The local port is taken by another program',
    body: 'Choose another port, or leave it empty for the next free one.',
  });
  expect(failureText({ code: 'port-in-use', detail: '16100' }, 'ru').body).toMatch(/\n16100$/);
});

const freed: Notice = {
  id: '1',
  at: 1,
  kind: 'gpus-free',
  ruleId: 'r',
  counted: 'one-host',
  hosts: [{ hostId: 'h 1', gpus: 2 }],
};
const lost: Notice = { id: '2', at: 2, kind: 'forward-lost', forwardIds: ['a:8000'] };

describe('notices', () => {
  let engine: ScriptedEngine;
  let lookedAt: Place | null;
  let opened: Place[];
  let stop: () => void;

  beforeEach(() => {
    engine = createScriptedEngine({ ...sampleSnapshot, notices: [freed] });
    lookedAt = null;
    opened = [];
    stop = tellNotices({
      engine,
      notifier,
      language: () => (engine.snapshot().settings.language === 'ru' ? 'ru' : 'en'),
      lookedAt: () => lookedAt,
      showWindow: (place) => opened.push(place),
    });
  });

  const publish = (...notices: readonly Notice[]) => engine.publish({ ...engine.snapshot(), notices });

  it('are told once each, but not those from before', () => {
    publish(freed, lost);
    publish(freed, lost);
    engine.publish({ ...engine.snapshot(), hosts: [] });
    expect(titles()).toEqual(['A forward is lost']);
    publish(lost, { ...freed, id: '3' });
    expect(titles()).toEqual(['A forward is lost', '2 GPUs free on h 1']);
  });

  it('are told in the language of the moment', () => {
    engine.publish({ ...engine.snapshot(), settings: { ...defaultSettings, language: 'ru' } });
    publish(freed, lost);
    expect(theNotification().options).toMatchObject({ title: 'Проброс прерван', body: 'a:8000' });
  });

  it('open the row that they are about', () => {
    publish(lost, { ...freed, id: '3' });
    for (const notification of Notification.shown) notification.emit('click');
    expect(opened).toEqual([
      { view: 'forwards', id: 'a:8000' },
      { view: 'gpus', id: 'h 1' },
    ]);
  });

  it('are not told of what a person looks at', () => {
    lookedAt = { view: 'forwards' };
    publish(freed, lost);
    expect(titles()).toEqual([]);
    lookedAt = { view: 'gpus' };
    publish(freed, { ...lost, id: '4' });
    expect(titles()).toEqual(['A forward is lost']);
  });

  it('are told of what somebody waits for, whatever is looked at', () => {
    const waitedFor: readonly Notice[] = [
      freed,
      { id: '5', at: 1, kind: 'model-up', models: [{ serverId: 'a:1', model: 'm' }] },
      { id: '6', at: 1, kind: 'queue-long', models: [{ serverId: 'a:1', model: 'm', waiting: 9 }] },
    ];
    for (const notice of waitedFor) {
      for (const view of ['gpus', 'models', 'forwards'] as const)
        expect(isInSight(notice, { view })).toBe(false);
    }
    const gone: Notice = { id: '7', at: 1, kind: 'model-gone', models: [] };
    const back: Notice = { id: '8', at: 1, kind: 'host-back', hostIds: ['a'] };
    expect([isInSight(gone, { view: 'models' }), isInSight(back, { view: 'gpus' })]).toEqual([true, true]);
    expect([isInSight(gone, null), isInSight(back, { view: 'models' })]).toEqual([false, false]);
  });

  it('come no more after the end', () => {
    stop();
    publish(freed, lost);
    expect(titles()).toEqual([]);
  });
});
