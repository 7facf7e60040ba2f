/** The words for what every face shows alike; those of errors are in errors-en.ts and errors-ru.ts. */

import { engineFacts } from '../engines.ts';
import type { ErrorCode } from '../failure.ts';
import { formatsOf } from '../format.ts';
import type { ForwardHealth, ForwardState } from '../forwards.ts';
import { countEn, countRu, dictionary, type Language, wholeEn, wholeRu } from '../language.ts';
import { assertNever } from '../never.ts';
import type { OtherForwardState } from '../other-forwards.ts';
import { type Totals, totals } from '../select/totals.ts';
import type { EngineKind, ServerState } from '../servers.ts';
import type { Snapshot } from '../snapshot.ts';
import { detailText } from './details.ts';
import { type ErrorWords, errorsEn } from './errors-en.ts';
import { errorsRu } from './errors-ru.ts';

/** The words for an error, in that language. */
export function errorWords(code: ErrorCode, language: Language): ErrorWords {
  return language === 'en' ? errorsEn[code] : errorsRu[code];
}

type LostState = Extract<ServerState, { readonly kind: 'lost' }>;

type StuckState = Extract<ServerState, { readonly kind: 'stuck' }>;

interface StateWords {
  readonly server: Readonly<Record<Exclude<ServerState['kind'], 'lost'>, string>>;
  /** A server that is up, whose model is busy. */
  readonly busy: string;
  /** Of a server of which nothing is known any more; without a time where there is none. */
  readonly lost: Readonly<Record<LostState['what'], (ago: string | null) => string>>;
  readonly forward: Readonly<Record<ForwardState['kind'], string>>;
  readonly health: Readonly<Record<ForwardHealth['kind'], string>>;
  readonly otherForward: Readonly<Record<OtherForwardState['kind'], string>>;
  /** A forward to which other computers may connect. */
  readonly openToNetwork: string;
  /** Why a server is stuck, since that long. */
  readonly stuck: Readonly<Record<StuckState['why'], (lasting: string) => string>>;
  /** Why a server shows no model. */
  readonly noModel: Readonly<Record<Exclude<ServerState['kind'], 'failed'>, string>>;
  /** The kind of a model server that is none of the known programs. */
  readonly openAiCompatible: string;
  readonly demo: string;
  readonly headline: (totals: Totals) => readonly [string, string, string, string];
}

const ruHosts = ['хоста', 'хостов', 'хостов'] as const;

export const stateWords = dictionary<StateWords>({
  en: {
    server: {
      up: 'Up',
      starting: 'Starting',
      sleeping: 'Asleep',
      locked: 'Locked',
      stuck: 'Stuck',
      failed: 'Failed',
    },
    busy: 'Busy',
    lost: {
      host: (ago) => (ago === null ? 'Host lost' : `Host lost, ${ago} ago`),
      look: (ago) => (ago === null ? 'Not looked at' : `Not looked at for ${ago}`),
    },
    forward: { opening: 'Opening', listening: 'Listening', retrying: 'Reconnecting', failed: 'Failed' },
    health: { unknown: '', answering: 'Model answers', 'model-down': 'Model does not answer' },
    otherForward: { unknown: 'Not known', answering: 'Answering', 'no-model': 'No model', dead: 'Dead' },
    stuck: {
      'no-progress': (lasting) => `Requests run or wait, and no token has come for ${lasting}.`,
      unhealthy: (lasting) => `It lists its models, and its health check has failed for ${lasting}.`,
    },
    openToNetwork: 'open to the network',
    noModel: {
      up: 'Serves no model',
      starting: 'Loads its model',
      sleeping: 'Sleeps until it is woken',
      stuck: 'Answers, and does no work',
      locked: 'Needs an API key to show its models',
      lost: 'Nothing is known of it any more',
    },
    openAiCompatible: 'OpenAI-compatible',
    demo: 'Demo cluster',
    headline: ({ idleGpus, gpus, hostsUp, hosts, models, forwards }) => [
      `${wholeEn(idleGpus)} idle of ${countEn(gpus, 'GPU')}`,
      `${wholeEn(hostsUp)} of ${countEn(hosts, 'host')}`,
      countEn(models, 'model'),
      countEn(forwards, 'forward'),
    ],
  },
  ru: {
    server: {
      up: 'Работает',
      starting: 'Запуск',
      sleeping: 'Спит',
      locked: 'Нужен ключ',
      stuck: 'Завис',
      failed: 'Ошибка',
    },
    busy: 'Занят',
    lost: {
      host: (ago) => (ago === null ? 'Хост потерян' : `Потерян ${ago} назад`),
      look: (ago) => (ago === null ? 'Не проверялось' : `Не проверялось ${ago}`),
    },
    forward: {
      opening: 'Открывается',
      listening: 'Открыт',
      retrying: 'Переподключается',
      failed: 'Ошибка',
    },
    health: { unknown: '', answering: 'Модель отвечает', 'model-down': 'Модель не отвечает' },
    otherForward: {
      unknown: 'Неизвестно',
      answering: 'Отвечает',
      'no-model': 'Без модели',
      dead: 'Не работает',
    },
    stuck: {
      'no-progress': (lasting) => `Запросы есть, но токенов нет уже ${lasting}.`,
      unhealthy: (lasting) => `Модели перечисляет, но проверка состояния не проходит уже ${lasting}.`,
    },
    openToNetwork: 'открыт для сети',
    noModel: {
      up: 'Не отдаёт ни одной модели',
      starting: 'Загружает модель',
      sleeping: 'В режиме сна',
      stuck: 'Отвечает, но не работает',
      locked: 'Список моделей доступен только с ключом API',
      lost: 'О нём больше ничего не известно',
    },
    openAiCompatible: 'OpenAI-совместимый',
    demo: 'Демо-кластер',
    headline: ({ idleGpus, gpus, hostsUp, hosts, models, forwards }) => [
      `Свободно ${wholeRu(idleGpus)} из ${countRu(gpus, ['GPU', 'GPU', 'GPU'])}`,
      `на связи ${wholeRu(hostsUp)} из ${countRu(hosts, ruHosts)}`,
      countRu(models, ['модель', 'модели', 'моделей']),
      countRu(forwards, ['проброс', 'проброса', 'пробросов']),
    ],
  },
});

/** The name of its program, or what kind of server it is; a dash where that is not known. */
export function engineTitle(engine: EngineKind | null, language: Language): string {
  if (engine === null) return '–';
  return engineFacts[engine].title ?? stateWords[language].openAiCompatible;
}

/** `Up`, `Host lost, 0:42 ago`: how a server is, at that time. */
export function serverStateText(state: ServerState, nowMs: number, language: Language): string {
  const words = stateWords[language];
  if (state.kind !== 'lost') return words.server[state.kind];
  const ago = state.since === null ? null : shortAge(nowMs - state.since, language);
  return words.lost[state.what](ago);
}

/** Why a server is stuck, and for how long at that time: a sentence. */
export function whyStuck({ why, since }: StuckState, nowMs: number, language: Language): string {
  return stateWords[language].stuck[why](shortAge(nowMs - since, language));
}

/** `0:42`, and from an hour on `3 h`: a column has no place for more. */
function shortAge(ms: number, language: Language): string {
  const { elapsed, age } = formatsOf(language);
  return ms < 3_600_000 ? elapsed(ms) : age(ms);
}

/** Why a server shows no model: one sentence, and the raw text of a failure or nothing. */
export function whyNoModel(
  state: ServerState,
  language: Language,
): { readonly title: string; readonly detail: string } {
  switch (state.kind) {
    case 'up':
    case 'starting':
    case 'sleeping':
    case 'stuck':
    case 'locked':
    case 'lost':
      return { title: stateWords[language].noModel[state.kind], detail: '' };
    case 'failed':
      return {
        title: errorWords(state.failure.code, language).title,
        detail: detailText(state.failure.detail, language),
      };
    default:
      return assertNever(state);
  }
}

/** `37 idle of 212 GPUs · 31 of 50 hosts · 18 models · 4 forwards`: what is free right now, the same words everywhere. */
export function headline(snapshot: Snapshot, language: Language): string {
  return stateWords[language].headline(totals(snapshot)).join(' · ');
}
