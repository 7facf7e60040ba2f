/** The words for what every face shows alike; those of errors are in errors.ts and errors-ru.ts. */

import type { ErrorCode } from '../errors.ts';
import { errors } from '../errors.ts';
import type { ForeignState, ForwardHealth, ForwardState } from '../forwards.ts';
import { countEn, countRu, dictionary, type Language, wholeEn, wholeRu } from '../language.ts';
import { assertNever, type EngineKind, type ServerState } from '../model.ts';
import type { Totals } from '../select.ts';
import { errorsRu } from './errors-ru.ts';

export interface ErrorWords {
  /** One sentence without a full stop: what happened. */
  readonly title: string;
  /** One sentence: what the reader can do. */
  readonly hint: string;
}

/** The words for an error, in that language. */
export function errorWords(code: ErrorCode, language: Language): ErrorWords {
  return language === 'en' ? errors[code] : errorsRu[code];
}

/** Names of programs; the same in every language. */
export const engineNames: Readonly<Record<EngineKind, string>> = {
  vllm: 'vLLM',
  sglang: 'SGLang',
  tgi: 'TGI',
  'llama.cpp': 'llama.cpp',
  ollama: 'Ollama',
  lmstudio: 'LM Studio',
  openai: 'OpenAI-compatible',
};

interface StateWords {
  readonly server: Readonly<Record<ServerState['kind'], string>>;
  readonly forward: Readonly<Record<ForwardState['kind'], string>>;
  readonly health: Readonly<Record<ForwardHealth['kind'], string>>;
  readonly foreign: Readonly<Record<ForeignState['kind'], string>>;
  /** Why a server shows no model. */
  readonly noModel: Readonly<Record<Exclude<ServerState['kind'], 'failed'>, string>>;
  readonly demo: string;
  readonly headline: (totals: Totals) => readonly [string, string, string, string];
}

const ruHosts = ['хоста', 'хостов', 'хостов'] as const;

export const stateWords = dictionary<StateWords>({
  en: {
    server: { up: 'Up', starting: 'Starting', sleeping: 'Asleep', locked: 'Locked', failed: 'Failed' },
    forward: { opening: 'Opening', listening: 'Listening', retrying: 'Reconnecting', failed: 'Failed' },
    health: { unknown: '', answering: 'Model answers', 'model-down': 'Model does not answer' },
    foreign: { unknown: 'Not known yet', answering: 'Answering', 'no-model': 'No model', dead: 'Dead' },
    noModel: {
      up: 'Serves no model',
      starting: 'Loads its model',
      sleeping: 'Sleeps until it is woken',
      locked: 'Needs an API key to show its models',
    },
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
      starting: 'Запускается',
      sleeping: 'Спит',
      locked: 'Закрыт',
      failed: 'Ошибка',
    },
    forward: {
      opening: 'Открывается',
      listening: 'Слушает',
      retrying: 'Переподключается',
      failed: 'Ошибка',
    },
    health: { unknown: '', answering: 'Модель отвечает', 'model-down': 'Модель не отвечает' },
    foreign: {
      unknown: 'Пока неизвестно',
      answering: 'Отвечает',
      'no-model': 'Без модели',
      dead: 'Не работает',
    },
    noModel: {
      up: 'Не обслуживает ни одной модели',
      starting: 'Загружает модель',
      sleeping: 'Спит, пока не разбудят',
      locked: 'Чтобы показать модели, нужен ключ API',
    },
    demo: 'Демо-кластер',
    headline: ({ idleGpus, gpus, hostsUp, hosts, models, forwards }) => [
      `Свободно ${wholeRu(idleGpus)} из ${countRu(gpus, ['GPU', 'GPU', 'GPU'])}`,
      `${wholeRu(hostsUp)} из ${countRu(hosts, ruHosts)}`,
      countRu(models, ['модель', 'модели', 'моделей']),
      countRu(forwards, ['проброс', 'проброса', 'пробросов']),
    ],
  },
});

/** Why a server shows no model: one sentence, and the raw text of a failure or nothing. */
export function whyNoModel(
  state: ServerState,
  language: Language,
): { readonly title: string; readonly detail: string } {
  switch (state.kind) {
    case 'up':
    case 'starting':
    case 'sleeping':
    case 'locked':
      return { title: stateWords[language].noModel[state.kind], detail: '' };
    case 'failed':
      return { title: errorWords(state.failure.code, language).title, detail: state.failure.detail };
    default:
      return assertNever(state);
  }
}
