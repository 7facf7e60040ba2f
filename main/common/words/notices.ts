/** The words of notifications; the same in the desktop, the browser and the list in the window. */

import { countEn, countRu, dictionary, type Language } from '../language.ts';
import type { Snapshot } from '../model.ts';
import type { Notice } from '../notices.ts';
import { plainText } from '../text.ts';

const ru = {
  gpus: ['GPU', 'GPU', 'GPU'],
  models: ['модель появилась', 'модели появились', 'моделей появилось'],
  modelsGone: ['модель пропала', 'модели пропали', 'моделей пропало'],
  forwards: ['проброс потерян', 'проброса потеряно', 'пробросов потеряно'],
  forwardsBack: ['проброс восстановлен', 'проброса восстановлено', 'пробросов восстановлено'],
  hosts: ['хост не отвечает', 'хоста не отвечают', 'хостов не отвечают'],
  hostsBack: ['хост снова на связи', 'хоста снова на связи', 'хостов снова на связи'],
  waiting: ['запрос ждёт', 'запроса ждут', 'запросов ждут'],
} as const;

export const noticeWords = dictionary({
  en: {
    gpusFree: (gpus: number) => `${countEn(gpus, 'GPU')} free`,
    on: (gpus: number, host: string) => `${gpus} on ${host}`,
    modelsUp: (n: number) => (n === 1 ? 'A model is up' : `${countEn(n, 'model')} are up`),
    modelsGone: (n: number) => (n === 1 ? 'A model is gone' : `${countEn(n, 'model')} are gone`),
    queue: 'The queue is long',
    waiting: (model: string, n: number) => `${model}: ${countEn(n, 'request')} waiting`,
    forwardsLost: (n: number) => (n === 1 ? 'A forward is lost' : `${countEn(n, 'forward')} are lost`),
    forwardsBack: (n: number) => (n === 1 ? 'A forward is back' : `${countEn(n, 'forward')} are back`),
    hostsLost: (n: number) =>
      n === 1 ? 'A host stopped answering' : `${countEn(n, 'host')} stopped answering`,
    hostsBack: (n: number) => (n === 1 ? 'A host is back' : `${countEn(n, 'host')} are back`),
    more: (n: number) => `and ${n} more`,
  },
  ru: {
    gpusFree: (gpus: number) => `Свободно: ${countRu(gpus, ru.gpus)}`,
    on: (gpus: number, host: string) => `${gpus} на ${host}`,
    modelsUp: (n: number) => (n === 1 ? 'Появилась модель' : countRu(n, ru.models)),
    modelsGone: (n: number) => (n === 1 ? 'Модель пропала' : countRu(n, ru.modelsGone)),
    queue: 'Очередь велика',
    waiting: (model: string, n: number) => `${model}: ${countRu(n, ru.waiting)}`,
    forwardsLost: (n: number) => (n === 1 ? 'Проброс потерян' : countRu(n, ru.forwards)),
    forwardsBack: (n: number) => (n === 1 ? 'Проброс восстановлен' : countRu(n, ru.forwardsBack)),
    hostsLost: (n: number) => (n === 1 ? 'Хост перестал отвечать' : countRu(n, ru.hosts)),
    hostsBack: (n: number) => (n === 1 ? 'Хост снова на связи' : countRu(n, ru.hostsBack)),
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
        title: words.gpusFree(notice.hosts.reduce((sum, { gpus }) => sum + gpus, 0)),
        body: list(notice.hosts.map(({ hostId, gpus }) => words.on(gpus, plainText(hostId, 60)))),
      };
    case 'model-up':
      return { title: words.modelsUp(notice.models.length), body: modelNames(notice.models) };
    case 'model-gone':
      return { title: words.modelsGone(notice.models.length), body: modelNames(notice.models) };
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
  }
}

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
