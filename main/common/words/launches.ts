/** The words of launches: their stages, and why they fail with the next step. */

import { formatsOf } from '../format.ts';
import { dictionary, type Language } from '../language.ts';
import type { LaunchFailureKind, LaunchStage } from '../launches.ts';
import { assertNever } from '../never.ts';
import type { ErrorWords } from './errors-en.ts';

interface LaunchWords {
  readonly stage: Readonly<Record<Exclude<LaunchStage['kind'], 'stopped' | 'failed'>, string>>;
  readonly stopped: Readonly<Record<'asked' | 'lifetime', string>>;
  readonly failure: Readonly<Record<LaunchFailureKind, ErrorWords>>;
}

const words = (title: string, hint: string): ErrorWords => ({ title, hint });

export const launchWords = dictionary<LaunchWords>({
  en: {
    stage: {
      environment: 'starting the program',
      download: 'downloading the model',
      load: 'loading the weights',
      compile: 'compiling',
      ready: 'ready',
    },
    stopped: { asked: 'stopped', lifetime: 'stopped: its lifetime is over' },
    failure: {
      'out-of-memory': words(
        'The GPUs do not have enough memory',
        'Take more GPUs, a shorter --max-model-len, or a lower --gpu-memory-utilization if others use them.',
      ),
      'port-taken': words('Another program has the port', 'Choose another --remote-port.'),
      'no-access': words(
        'The model needs a token, or an account that may read it',
        'Accept its terms on its page, then run "hf auth login" or set HF_TOKEN on the host.',
      ),
      'no-disk': words(
        'The disk of the host is full',
        'Free space there, or set HF_HOME to a larger disk with --env.',
      ),
      'uneven-split': words(
        'The attention heads of the model cannot be split over this number of GPUs',
        'Choose a --tensor-parallel-size that divides their number: 1, 2, 4 or 8 mostly do.',
      ),
      'no-environment': words(
        'The environment or image is not on the host',
        'Check --conda-env, --venv or --container; the log has the name that was looked for.',
      ),
      'no-program': words(
        'The program was not found, or refused its arguments',
        'Install vLLM there, or name where it is with --conda-env, --venv, --uv or --container.',
      ),
      'old-driver': words(
        'The GPU driver is too old for this vLLM',
        'Ask the administrator for a newer driver, or use a vLLM built for an older CUDA.',
      ),
      'gpu-names': words(
        'This vLLM takes numbers of GPUs alone',
        'Update vLLM, or give the numbers with --env CUDA_DEVICE_ORDER=PCI_BUS_ID --env CUDA_VISIBLE_DEVICES=0,1.',
      ),
      killed: words(
        'The program was killed from outside',
        'Mostly the host had too little memory of its own, or was restarted; its kernel log says which.',
      ),
      ended: words('The program has ended', 'Read the end of its log.'),
    },
  },
  ru: {
    stage: {
      environment: 'запуск программы',
      download: 'загрузка модели',
      load: 'чтение весов',
      compile: 'компиляция',
      ready: 'готово',
    },
    stopped: { asked: 'остановлено', lifetime: 'остановлено: время работы истекло' },
    failure: {
      'out-of-memory': words(
        'На GPU не хватает памяти',
        'Возьмите больше GPU, уменьшите --max-model-len или --gpu-memory-utilization, если GPU заняты другими.',
      ),
      'port-taken': words('Порт занят другой программой', 'Выберите другой --remote-port.'),
      'no-access': words(
        'Для модели нужен токен или доступ учётной записи',
        'Примите условия на странице модели, затем выполните на хосте hf auth login или задайте там HF_TOKEN.',
      ),
      'no-disk': words(
        'На диске хоста нет места',
        'Освободите место или укажите в --env другой HF_HOME на большем диске.',
      ),
      'uneven-split': words(
        'Головы внимания модели не делятся на столько GPU',
        'Выберите --tensor-parallel-size, на который их число делится: чаще всего 1, 2, 4 или 8.',
      ),
      'no-environment': words(
        'На хосте нет такого окружения или образа',
        'Проверьте --conda-env, --venv или --container; имя, которое искали, есть в журнале.',
      ),
      'no-program': words(
        'Программа не найдена или не приняла аргументы',
        'Установите там vLLM или укажите, где он: --conda-env, --venv, --uv или --container.',
      ),
      'old-driver': words(
        'Драйвер GPU слишком старый для этого vLLM',
        'Попросите администратора обновить драйвер или возьмите vLLM, собранный для более старой CUDA.',
      ),
      'gpu-names': words(
        'Этот vLLM понимает только номера GPU',
        'Обновите vLLM или задайте номера: --env CUDA_DEVICE_ORDER=PCI_BUS_ID --env CUDA_VISIBLE_DEVICES=0,1.',
      ),
      killed: words(
        'Программу завершили извне',
        'Чаще всего хосту не хватило собственной памяти или он перезагрузился; причина есть в журнале ядра.',
      ),
      ended: words('Программа завершилась', 'Прочитайте конец её журнала.'),
    },
  },
});

/** One sentence without a full stop, with the figures of the stage. */
export function stageText(stage: LaunchStage, language: Language): string {
  const texts = launchWords[language];
  switch (stage.kind) {
    case 'stopped':
      return texts.stopped[stage.why];
    case 'failed':
      return texts.failure[stage.failure.kind].title;
    case 'download':
      return `${texts.stage.download}${downloadText(stage, language)}`;
    case 'load':
    case 'compile':
      return `${texts.stage[stage.kind]}${stage.pct === null ? '' : `, ${formatsOf(language).pct(stage.pct)}`}`;
    case 'environment':
    case 'ready':
      return texts.stage[stage.kind];
    default:
      return assertNever(stage);
  }
}

function downloadText(
  { doneBytes, totalBytes, bytesPerSecond }: Extract<LaunchStage, { readonly kind: 'download' }>,
  language: Language,
): string {
  const { bytes } = formatsOf(language);
  if (doneBytes === null || totalBytes === null) return '';
  const rate = bytesPerSecond === null ? '' : `, ${bytes(bytesPerSecond)}/${language === 'en' ? 's' : 'с'}`;
  return `, ${bytes(doneBytes)} / ${bytes(totalBytes)}${rate}`;
}
