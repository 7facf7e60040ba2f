import type { ClientId } from '#common/clients/clients.ts';
import type { GatewayOutcome } from '#common/gateway.ts';
import { type Around, countEn, countRu, dictionary } from '#common/language.ts';

const ruModels = ['модель', 'модели', 'моделей'] as const;
const ruNow = ['запрос в работе', 'запроса в работе', 'запросов в работе'] as const;

/** Names of products are the same in every language. */
const clients: Readonly<Record<Exclude<ClientId, 'variables'>, string>> = {
  curl: 'curl',
  'openai-python': 'OpenAI SDK, Python',
  'openai-js': 'OpenAI SDK, JavaScript',
  'anthropic-python': 'Anthropic SDK, Python',
  'anthropic-js': 'Anthropic SDK, JavaScript',
  opencode: 'opencode',
  codex: 'Codex',
  'claude-code': 'Claude Code',
  continue: 'Continue',
  'open-webui': 'Open WebUI',
};
type ClientNames = Readonly<Record<ClientId, string>>;
type ClientHints = Readonly<Partial<Record<ClientId, string>>>;
type Outcomes = Readonly<Record<GatewayOutcome, string>>;

/** The words of the gateway: its row, its texts to copy, and its request log. */
export const gatewayWords = dictionary({
  en: {
    gateway: 'Gateway',
    offWhat:
      'Off. One address on this computer for every model found: each request goes to the least busy server that has the model.',
    states: { off: 'Off', starting: 'Starting', listening: 'Listening', failed: 'Failed' },
    baseUrl: 'base URL',
    now: (n: number) => `${countEn(n, 'request')} now`,
    tokensPerSecond: (count: string) => `${count} tok/s`,
    models: (n: number) => countEn(n, 'model'),
    requests: 'Request log',
    settings: 'Settings',
    onPort: (port: number) => `Use port ${port}`,
    portTaken: 'End that program, or use another port: clients must then be given the new address.',

    model: 'Model in the copied text',
    noModel: 'No model can take requests now',
    copy: 'Copy configuration',
    key: 'Key',
    theKey: 'key of the gateway',
    address: 'Base URL',
    configuration: (client: string) => `configuration for ${client}`,
    clients: { ...clients, variables: 'Environment variables' } as ClientNames,
    goes: {
      shell: 'Paste it into a shell: bash, zsh or fish.',
      program: 'It is a program that prints an answer.',
      file: (path: string) => `It goes into ${path}.`,
    },
    hints: {
      codex: 'Then run: codex --profile vllm-tray',
      'open-webui': 'Open WebUI reads it at its first start; later, change it in its Admin Settings.',
    } as ClientHints,

    renew: 'Renew key',
    renewTitle: 'Renew the key of the gateway?',
    renewWhat:
      'Clients that have the old key are refused from then on, and their requests under way are cut. Each of them needs the new key: copy its configuration again.',
    renewed: 'The gateway has a new key',
    renewedHint: 'Copy the configuration of each client again.',

    log: 'Requests through the gateway',
    logWhat: 'The latest 500 since the app started. Prompts, answers and keys are never kept.',
    logNone: 'No requests yet',
    logNoneHint: 'Each request to the gateway appears here when it ends: never its text, never a key.',
    logOff: ['The gateway is off. Switch it on in ', '.'] as Around,
    logOffView: 'Forwards',
    time: 'Time',
    request: 'Request',
    host: 'Host',
    status: 'Status',
    tokens: 'Tokens in / out',
    firstToken: 'First token',
    total: 'Total',
    outcome: 'Outcome',
    asked: 'Model',
    here: 'this computer',
    retried: 'second try',
    retriedWhat: 'Another server of the model was tried first',
    outcomes: {
      answered: 'Answered',
      own: 'By the gateway',
      'client-gone': 'Client left',
      cut: 'Cut off',
    } as Outcomes,
    outcomesWhat: {
      answered: 'The whole answer of the model server was passed on',
      own: 'The gateway answered, without asking a model server',
      'client-gone': 'The client went away before the answer was whole',
      cut: 'The model server went away within its answer',
    } as Outcomes,
  },
  ru: {
    gateway: 'Шлюз',
    offWhat:
      'Выключен. Один адрес на этом компьютере для всех найденных моделей: запрос получает наименее загруженный сервер с этой моделью.',
    states: { off: 'Выключен', starting: 'Запускается', listening: 'Открыт', failed: 'Ошибка' },
    baseUrl: 'базовый URL',
    now: (n: number) => countRu(n, ruNow),
    tokensPerSecond: (count: string) => `${count} токенов/с`,
    models: (n: number) => countRu(n, ruModels),
    requests: 'Журнал запросов',
    settings: 'Настройки',
    onPort: (port: number) => `Перейти на порт ${port}`,
    portTaken: 'Завершите эту программу или выберите другой порт: клиентам понадобится новый адрес.',

    model: 'Модель в копируемом тексте',
    noModel: 'Сейчас ни одна модель не принимает запросы',
    copy: 'Скопировать конфигурацию',
    key: 'Ключ',
    theKey: 'ключ шлюза',
    address: 'Базовый URL',
    configuration: (client: string) => `конфигурация для ${client}`,
    clients: { ...clients, variables: 'Переменные окружения' } as ClientNames,
    goes: {
      shell: 'Вставьте в оболочку: bash, zsh или fish.',
      program: 'Это программа, которая печатает ответ.',
      file: (path: string) => `Место для этого текста — ${path}.`,
    },
    hints: {
      codex: 'Затем выполните: codex --profile vllm-tray',
      'open-webui':
        'Open WebUI читает эти переменные при первом запуске; потом меняйте их в настройках администратора.',
    } as ClientHints,

    renew: 'Сменить ключ',
    renewTitle: 'Сменить ключ шлюза?',
    renewWhat:
      'Клиенты со старым ключом будут получать отказ, а их текущие запросы прервутся. Каждому понадобится новый ключ: скопируйте его конфигурацию ещё раз.',
    renewed: 'У шлюза новый ключ',
    renewedHint: 'Скопируйте конфигурацию каждого клиента ещё раз.',

    log: 'Запросы через шлюз',
    logWhat: 'Последние 500 с запуска приложения. Промпты, ответы и ключи не сохраняются.',
    logNone: 'Запросов ещё не было',
    logNoneHint: 'Здесь появится каждый завершённый запрос к шлюзу: без текста и без ключей.',
    logOff: ['Шлюз выключен. Его можно включить в разделе «', '».'] as Around,
    logOffView: 'Пробросы',
    time: 'Время',
    request: 'Запрос',
    host: 'Хост',
    status: 'Статус',
    tokens: 'Токены вх. / вых.',
    firstToken: 'TTFT',
    total: 'Всего',
    outcome: 'Итог',
    asked: 'Модель',
    here: 'этот компьютер',
    retried: 'вторая попытка',
    retriedWhat: 'Сначала был опробован другой сервер этой модели',
    outcomes: {
      answered: 'Ответ получен',
      own: 'Ответил шлюз',
      'client-gone': 'Клиент отключился',
      cut: 'Оборван',
    } as Outcomes,
    outcomesWhat: {
      answered: 'Ответ сервера моделей передан целиком',
      own: 'Ответил сам шлюз, без обращения к серверу моделей',
      'client-gone': 'Клиент отключился до конца ответа',
      cut: 'Сервер моделей отключился посреди ответа',
    } as Outcomes,
  },
});
