import { type Around, countEn, countRu, dictionary } from '#common/language.ts';

/** The words of the page before the first scan. */
export const welcomeWords = dictionary({
  en: {
    title: 'Before the first scan',
    contacts: 'What is contacted',
    contact:
      'The hosts that are switched on below, by SSH, just as your own ssh would: with your keys, your agent and your known_hosts. Nothing else.',
    there: 'What happens there',
    thereText:
      'The GPU tool is run, processes and listening ports are read, and model servers are asked for their models. Nothing is installed, changed or left behind.',
    leaves: 'What leaves this computer',
    leavesText: 'Nothing. There is no account and no telemetry.',
    from: ['The hosts of ', ':'] as Around,
    fixPattern: 'Fix the pattern to start',
    start: (n: number) => (n === 0 ? 'Switch a host on to start' : `Start with ${countEn(n, 'host')}`),
    later: 'All of this can be changed in the settings.',
    demo: 'Just looking? The demo cluster simulates hosts on this computer.',
    openDemo: 'Show the demo',
  },
  ru: {
    title: 'Перед первым опросом',
    contacts: 'К чему обращается приложение',
    contact:
      'К выбранным ниже хостам по SSH, так же как ваш ssh: с вашими ключами, агентом SSH и known_hosts. Больше ни к чему.',
    there: 'Что происходит на хосте',
    thereText:
      'Запускается утилита GPU, читаются списки процессов и открытых портов, у серверов моделей запрашивается список моделей. На хосте ничего не устанавливается, не меняется и не остаётся.',
    leaves: 'Что отправляется с этого компьютера',
    leavesText: 'Ничего. Нет ни учётной записи, ни телеметрии.',
    from: ['Хосты из ', ':'] as Around,
    fixPattern: 'Исправьте шаблон, чтобы начать',
    start: (n: number) =>
      n === 0 ? 'Выберите хост, чтобы начать' : `Начать: ${countRu(n, ['хост', 'хоста', 'хостов'])}`,
    later: 'Всё это можно изменить в настройках.',
    demo: 'Хотите только посмотреть? Демо-кластер имитирует хосты на этом компьютере.',
    openDemo: 'Показать демо',
  },
});
