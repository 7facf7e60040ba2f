import { dictionary } from '#common/language.ts';
import type { Unusable } from '../lib/query.ts';

type Form = readonly [example: string, meaning: string];

interface FilterWords {
  readonly help: string;
  readonly helpIntro: string;
  readonly forms: readonly Form[];
  readonly helpEnd: string;
  readonly suggestions: string;
  readonly terms: string;
  readonly remove: (term: string) => string;
  readonly unusable: Readonly<Record<Unusable, (key: string) => string>>;
}

/** The words of the filter language; its forms are the same in every language, as in a search engine. */
export const filterWords = dictionary<FilterWords>({
  en: {
    help: 'How to filter',
    helpIntro: 'All terms must match. Press one to add it.',
    forms: [
      ['word', 'in a name, a state, a GPU, a user or a model'],
      ['"two words"', 'exact phrase'],
      ['idle', 'has an idle GPU'],
      ['free>=4', 'has at least 4 idle GPUs; also > <= < ='],
      ['mem>=40GiB', 'has a GPU with at least 40 GiB of memory'],
      ['kind:H100', 'has a GPU of this kind'],
      ['waiting>0', 'has a model for which requests wait'],
      ['kv>80', 'has a model whose KV cache is filled above 80 %'],
      ['user:alice', 'this user has a process there'],
      ['model:llama', 'serves this model'],
      ['state:up', 'is in this state'],
      ['host:gpu', 'is on this host'],
      ['group:h100', 'is on a host of this group'],
      ['-word', 'does not have it; also -idle, -user:alice'],
    ],
    helpEnd: 'idle, free, mem and kind are about the same GPUs: free>=4 kind:H100 wants four idle H100.',
    suggestions: 'Suggestions',
    terms: 'Active filter',
    remove: (term) => `Remove ${term}`,
    unusable: {
      'unknown-key': (key) => `There is no “${key}:”; in quotes it is searched as text`,
      'no-number': (key) => `Needs a number, as in ${numberExamples[key] ?? 'free>=4'}`,
      'no-text': (key) => `Needs a word, as in ${key}:${examples[key] ?? 'word'}`,
      'no-key': () => 'Needs free or mem before it, without a space: free>=4',
    },
  },
  ru: {
    help: 'Как фильтровать',
    helpIntro: 'Должны выполняться все условия. Нажмите, чтобы добавить.',
    forms: [
      ['слово', 'есть в имени, состоянии, GPU, пользователе или модели'],
      ['"два слова"', 'точно как написано'],
      ['idle', 'есть свободный GPU'],
      ['free>=4', 'не меньше 4 свободных GPU; также > <= < ='],
      ['mem>=40GiB', 'есть GPU с таким объёмом памяти'],
      ['kind:H100', 'есть GPU этого типа'],
      ['waiting>0', 'есть модель, у которой запросы ждут в очереди'],
      ['kv>80', 'есть модель, у которой KV-кэш занят больше чем на 80 %'],
      ['user:alice', 'там есть процессы этого пользователя'],
      ['model:llama', 'отдаёт эту модель'],
      ['state:up', 'в этом состоянии'],
      ['host:gpu', 'на этом хосте'],
      ['group:h100', 'на хосте из этой группы'],
      ['-слово', 'этого нет; также -idle, -user:alice'],
    ],
    helpEnd:
      'idle, free, mem и kind относятся к одним и тем же GPU: free>=4 kind:H100 — четыре свободных H100.',
    suggestions: 'Подсказки',
    terms: 'Действующий фильтр',
    remove: (term) => `Убрать ${term}`,
    unusable: {
      'unknown-key': (key) => `Условия «${key}:» нет; в кавычках ищется как текст`,
      'no-number': (key) => `Нужно число, например ${numberExamples[key] ?? 'free>=4'}`,
      'no-text': (key) => `Нужно слово, например ${key}:${examples[key] ?? 'word'}`,
      'no-key': () => 'Перед этим нужно free или mem, без пробела: free>=4',
    },
  },
});

const numberExamples: Readonly<Record<string, string>> = {
  mem: 'mem>=40GiB',
  waiting: 'waiting>0',
  kv: 'kv>80',
};

const examples: Readonly<Record<string, string>> = {
  kind: 'H100',
  user: 'alice',
  model: 'llama',
  state: 'up',
  host: 'gpu',
  group: 'h100',
};
