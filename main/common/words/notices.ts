/** The words of notifications; the same in the desktop, the browser and the list in the window. */

import { countEn, countRu, dictionary, type Language, wholeRu } from '../language.ts';
import type { NamedLaunch, Notice } from '../notices.ts';
import type { Snapshot } from '../snapshot.ts';
import { plainText } from '../text.ts';
import { launchWords } from './launches.ts';

const ru = {
  gpus: ['GPU', 'GPU', 'GPU'],
  ofHosts: ['хоста', 'хостов', 'хостов'],

  forwards: ['проброс прерван', 'проброса прервано', 'пробросов прервано'],
  forwardsBack: ['проброс восстановлен', 'проброса восстановлено', 'пробросов восстановлено'],
  hosts: ['хост не отвечает', 'хоста не отвечают', 'хостов не отвечают'],
  hostsBack: ['хост снова на связи', 'хоста снова на связи', 'хостов снова на связи'],
  waiting: ['запрос в очереди', 'запроса в очереди', 'запросов в очереди'],
} as const;

export const noticeWords = dictionary({
  en: {
    gpusFree: (gpus: number, host: string) => `${countEn(gpus, 'GPU')} free on ${host}`,
    gpusFreeEach: (hosts: number) => `Enough GPUs free on each of ${hosts} hosts`,
    gpusFreeInTotal: (gpus: number) => `${countEn(gpus, 'GPU')} free in total`,
    on: (gpus: number, host: string) => `${gpus} on ${host}`,
    modelsUp: (n: number) => (n === 1 ? 'A model is up' : `${countEn(n, 'model')} are up`),
    modelsGone: (n: number) => (n === 1 ? 'A model is gone' : `${countEn(n, 'model')} are gone`),
    modelsStuck: (n: number) => (n === 1 ? 'A model is stuck' : `${countEn(n, 'model')} are stuck`),
    queue: 'The queue is long',
    waiting: (model: string, n: number) => `${model}: ${countEn(n, 'request')} waiting`,
    forwardsLost: (n: number) => (n === 1 ? 'A forward is lost' : `${countEn(n, 'forward')} are lost`),
    forwardsBack: (n: number) => (n === 1 ? 'A forward is back' : `${countEn(n, 'forward')} are back`),
    hostsLost: (n: number) =>
      n === 1 ? 'A host stopped answering' : `${countEn(n, 'host')} stopped answering`,
    hostsBack: (n: number) => (n === 1 ? 'A host is back' : `${countEn(n, 'host')} are back`),
    launchesReady: (n: number) =>
      n === 1 ? 'A launch is ready' : `${countEn(n, 'launch', 'launches')} are ready`,
    launchesFailed: (n: number) =>
      n === 1 ? 'A launch has failed' : `${countEn(n, 'launch', 'launches')} have failed`,
    more: (n: number) => `and ${n} more`,
  },
  ru: {
    gpusFree: (gpus: number, host: string) => `Свободно ${countRu(gpus, ru.gpus)} на ${host}`,
    gpusFreeEach: (hosts: number) => `Достаточно свободных GPU на каждом из ${countRu(hosts, ru.ofHosts)}`,
    gpusFreeInTotal: (gpus: number) => `Свободно всего ${countRu(gpus, ru.gpus)}`,
    on: (gpus: number, host: string) => `${gpus} на ${host}`,
    modelsUp: (n: number) => (n === 1 ? 'Появилась модель' : `Новые модели: ${wholeRu(n)}`),
    modelsGone: (n: number) => (n === 1 ? 'Исчезла модель' : `Исчезли модели: ${wholeRu(n)}`),
    modelsStuck: (n: number) => (n === 1 ? 'Модель зависла' : `Зависли модели: ${wholeRu(n)}`),
    queue: 'Длинная очередь',
    waiting: (model: string, n: number) => `${model}: ${countRu(n, ru.waiting)}`,
    forwardsLost: (n: number) => (n === 1 ? 'Проброс прерван' : countRu(n, ru.forwards)),
    forwardsBack: (n: number) => (n === 1 ? 'Проброс восстановлен' : countRu(n, ru.forwardsBack)),
    hostsLost: (n: number) => (n === 1 ? 'Хост перестал отвечать' : countRu(n, ru.hosts)),
    hostsBack: (n: number) => (n === 1 ? 'Хост снова на связи' : countRu(n, ru.hostsBack)),
    launchesReady: (n: number) => (n === 1 ? 'Запуск готов' : `Готовы запуски: ${wholeRu(n)}`),
    launchesFailed: (n: number) => (n === 1 ? 'Запуск не удался' : `Не удались запуски: ${wholeRu(n)}`),
    more: (n: number) => `и ещё ${n}`,
  },
});

export interface NoticeText {
  readonly title: string;
  /** Which ones: a few names, and how many more. Bounded, without control characters. */
  readonly body: string;
}

export function noticeText(notice: Notice, snapshot: Snapshot, language: Language): NoticeText {
  const words = noticeWords[language];
  const list = (names: readonly string[]): string => listSome(names, words.more);
  const modelNames = (models: readonly { readonly serverId: string; readonly model: string }[]) =>
    list(models.map(({ serverId, model }) => `${plainText(model, 60)} · ${hostOf(serverId, snapshot)}`));
  switch (notice.kind) {
    case 'gpus-free':
      return {
        title: gpusFreeTitle(notice, words),
        body: list(notice.hosts.map(({ hostId, gpus }) => words.on(gpus, plainText(hostId, 60)))),
      };
    case 'model-up':
      return { title: words.modelsUp(notice.models.length), body: modelNames(notice.models) };
    case 'model-gone':
      return { title: words.modelsGone(notice.models.length), body: modelNames(notice.models) };
    case 'model-stuck':
      return { title: words.modelsStuck(notice.models.length), body: modelNames(notice.models) };
    case 'queue-long':
      return {
        title: words.queue,
        body: list(notice.models.map(({ model, waiting }) => words.waiting(plainText(model, 60), waiting))),
      };
    case 'forward-lost':
      return { title: words.forwardsLost(notice.forwardIds.length), body: list(notice.forwardIds) };
    case 'forward-restored':
      return { title: words.forwardsBack(notice.forwardIds.length), body: list(notice.forwardIds) };
    case 'host-lost':
      return { title: words.hostsLost(notice.hostIds.length), body: list(notice.hostIds) };
    case 'host-back':
      return { title: words.hostsBack(notice.hostIds.length), body: list(notice.hostIds) };
    case 'launch-ready':
      return {
        title: words.launchesReady(notice.launches.length),
        body: list(notice.launches.map(launchName)),
      };
    case 'launch-failed':
      return {
        title: words.launchesFailed(notice.launches.length),
        body: list(
          notice.launches.map(
            (launch) => `${launchName(launch)}: ${launchWords[language].failure[launch.failure].title}`,
          ),
        ),
      };
  }
}

function launchName({ model, hostId }: NamedLaunch): string {
  return `${plainText(model, 60)} · ${plainText(hostId, 60)}`;
}

/** Says whether it is on one host, or on all of them together. */
function gpusFreeTitle({ counted, hosts }: NoticeOf<'gpus-free'>, words: (typeof noticeWords)['en']): string {
  if (counted === 'in-total') return words.gpusFreeInTotal(hosts.reduce((sum, { gpus }) => sum + gpus, 0));
  const [only, ...others] = hosts;
  if (only !== undefined && others.length === 0) return words.gpusFree(only.gpus, plainText(only.hostId, 60));
  return words.gpusFreeEach(hosts.length);
}

type NoticeOf<Kind extends Notice['kind']> = Extract<Notice, { readonly kind: Kind }>;

/** The first few names, and how many more there are. */
export function listSome(names: readonly string[], more: (n: number) => string, most = 4): string {
  const shown = names.slice(0, most).map((name) => plainText(name, 130));
  return [shown.join(', '), ...(names.length > most ? [more(names.length - most)] : [])].join(' ');
}

/** The server may be gone by now; its id names the host all the same. */
function hostOf(serverId: string, { servers }: Snapshot): string {
  const hostId = servers.find(({ id }) => id === serverId)?.hostId ?? serverId.replace(/:\d+$/, '');
  return plainText(hostId, 60);
}
