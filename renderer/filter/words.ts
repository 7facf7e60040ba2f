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
    helpIntro: 'All terms must hold. Press one to add it.',
    forms: [
      ['word', 'in a name, a state, a GPU, a user or a model'],
      ['"two words"', 'as they stand'],
      ['idle', 'has an idle GPU'],
      ['free>=4', 'has so many idle GPUs; also > <= < ='],
      ['mem>=40GiB', 'has a GPU with so much memory in total'],
      ['kind:H100', 'has a GPU of this kind'],
      ['user:alice', 'somebody runs something there'],
      ['model:llama', 'serves this model'],
      ['state:up', 'is in this state'],
      ['host:gpu', 'is on this host'],
      ['-word', 'does not have it; also -idle, -user:alice'],
    ],
    helpEnd: 'idle, free, mem and kind are about the same GPUs: free>=4 kind:H100 wants four idle H100.',
    suggestions: 'Suggestions',
    terms: 'Active filter',
    remove: (term) => `Remove ${term}`,
    unusable: {
      'unknown-key': (key) => `There is no “${key}:”; in quotes it is searched as text`,
      'no-number': (key) => `Needs a number, as in ${key === 'mem' ? 'mem>=40GiB' : 'free>=4'}`,
      'no-text': (key) => `Needs a word, as in ${key}:${examples[key] ?? 'word'}`,
      'no-key': () => 'Needs free or mem before it, without a space: free>=4',
    },
  },
  ru: {
    help: 'Как фильтровать',
    helpIntro: 'Должны выполняться все условия. Нажмите, чтобы добавить.',
    forms: [
      ['word', 'есть в имени, состоянии, GPU, пользователе или модели'],
      ['"two words"', 'точно как написано'],
      ['idle', 'есть свободный GPU'],
      ['free>=4', 'столько свободных GPU; также > <= < ='],
      ['mem>=40GiB', 'есть GPU с таким объёмом памяти'],
      ['kind:H100', 'есть GPU этого вида'],
      ['user:alice', 'там кто-то что-то запустил'],
      ['model:llama', 'обслуживает эту модель'],
      ['state:up', 'в этом состоянии'],
      ['host:gpu', 'на этом хосте'],
      ['-word', 'этого нет; также -idle, -user:alice'],
    ],
    helpEnd:
      'idle, free, mem и kind относятся к одним и тем же GPU: free>=4 kind:H100 — четыре свободных H100.',
    suggestions: 'Подсказки',
    terms: 'Действующий фильтр',
    remove: (term) => `Убрать ${term}`,
    unusable: {
      'unknown-key': (key) => `Условия «${key}:» нет; в кавычках ищется как текст`,
      'no-number': (key) => `Нужно число, например ${key === 'mem' ? 'mem>=40GiB' : 'free>=4'}`,
      'no-text': (key) => `Нужно слово, например ${key}:${examples[key] ?? 'word'}`,
      'no-key': () => 'Перед этим нужно free или mem, без пробела: free>=4',
    },
  },
});

const examples: Readonly<Record<string, string>> = {
  kind: 'H100',
  user: 'alice',
  model: 'llama',
  state: 'up',
  host: 'gpu',
};
