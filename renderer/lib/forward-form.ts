import type { CallInput } from '#common/contract.ts';
import type { ErrorCode } from '#common/failure.ts';
import { fieldsOf, readForwardTarget } from '#common/forward-target.ts';
import type { Language } from '#common/language.ts';
import { plainText } from '#common/text.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';

/** The fields of the form as typed. */
export interface ForwardFields {
  readonly hostId: string;
  /** A port, `node7:8000` or the path of a socket. */
  readonly target: string;
  readonly localPort: string;
}

/** One sentence per field that needs mending; `form` is for what concerns no single field. */
export type FieldErrors = { readonly [Field in keyof ForwardFields | 'form']?: string };

export type FormReading =
  | { readonly ok: true; readonly input: CallInput<'forward.open'> }
  | { readonly ok: false; readonly errors: FieldErrors };

/** What is said of fields that need mending. */
export interface FormWords {
  readonly chooseHost: string;
  readonly badTarget: string;
  readonly badLocalPort: string;
}

export function readForwardForm(fields: ForwardFields, words: FormWords): FormReading {
  const target = readForwardTarget(fields.target);
  const localPort = fields.localPort.trim() === '' ? undefined : readPort(fields.localPort);
  if (fields.hostId !== '' && target !== null && localPort !== null) {
    const { hostId } = fields;
    const input = { hostId, ...fieldsOf(target), ...(localPort !== undefined && { localPort }) };
    return { ok: true, input };
  }
  return {
    ok: false,
    errors: {
      ...(fields.hostId === '' && { hostId: words.chooseHost }),
      ...(target === null && { target: words.badTarget }),
      ...(localPort === null && { localPort: words.badLocalPort }),
    },
  };
}

function readPort(text: string): number | null {
  const trimmed = text.trim();
  const port = /^\d{1,5}$/.test(trimmed) ? Number(trimmed) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

const fieldOfCode: Partial<Record<ErrorCode, keyof ForwardFields>> = {
  'port-in-use': 'localPort',
  'port-forbidden': 'localPort',
  'ports-exhausted': 'localPort',
  'target-refused': 'target',
  'socket-missing': 'target',
  'socket-denied': 'target',
  'not-found': 'hostId',
};

/**
 * Puts a refused call's words at the field that can fix it. The raw cause follows them where no field can, and of a port that
 * is taken: it says who has it, and which one is free.
 */
export function fieldErrorsOf(code: ErrorCode, language: Language, detail = ''): FieldErrors {
  const { title, hint } = errorWords(code, language);
  const field = fieldOfCode[code] ?? 'form';
  const says = detail === '' ? '' : plainText(detailText(detail, language));
  if (code === 'port-in-use' && says !== '') return { [field]: `${title}: ${says}.` };
  return { [field]: `${title}. ${hint}${field === 'form' && says !== '' ? ` (${says})` : ''}` };
}

/** Whether a text that is pasted is a command line of ssh with a forward. */
export function isSshLine(text: string): boolean {
  return /^\s*(?:[$%#>]\s+)?(?:\S*\/)?(?:auto)?ssh\s.*(?:-\w*L|LocalForward)/is.test(text);
}
