import { type Around, countEn, countRu, dictionary } from '#common/language.ts';

/** The words of the page before the first scan. */
export const welcomeWords = dictionary({
  en: {
    title: 'Before the first scan',
    contacts: 'What is contacted',
    contact:
      'The hosts that are switched on below, by SSH, as your own ssh would do it: with your keys, your agent and your known_hosts. Nothing else.',
    there: 'What happens there',
    thereText:
      'The GPU tool is run, processes and listening ports are read, and model servers are asked for their models. Nothing is installed, changed or left behind.',
    leaves: 'What leaves this computer',
    leavesText: 'Nothing. There is no account and no telemetry.',
    from: ['The hosts of ', ':'] as Around,
    start: (n: number) => (n === 0 ? 'Switch a host on to start' : `Start with ${countEn(n, 'host')}`),
    later: 'All of this can be changed in the settings.',
    demo: ['Only looking? ', ' shows simulated hosts on this computer.'] as Around,
  },
  ru: {
    title: 'Перед первым опросом',
    contacts: 'К чему обращается приложение',
    contact:
      'К включённым ниже хостам по SSH, так же, как ваш ssh: с вашими ключами, агентом и known_hosts. Больше ни к чему.',
    there: 'Что происходит на хосте',
    thereText:
      'Запускается утилита GPU, читаются процессы и слушающие порты, серверы моделей спрашивают об их моделях. Ничего не устанавливается, не меняется и не остаётся.',
    leaves: 'Что уходит с этого компьютера',
    leavesText: 'Ничего. Нет ни учётной записи, ни телеметрии.',
    from: ['Хосты из ', ':'] as Around,
    start: (n: number) =>
      n === 0 ? 'Включите хост, чтобы начать' : `Начать: ${countRu(n, ['хост', 'хоста', 'хостов'])}`,
    later: 'Всё это можно изменить в настройках.',
    demo: ['Хотите только посмотреть? ', ' покажет имитацию хостов на этом компьютере.'] as Around,
  },
});
