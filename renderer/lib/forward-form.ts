import type { CallInput } from '#common/contract.ts';
import type { ErrorCode } from '#common/errors.ts';
import type { Language } from '#common/language.ts';
import { errorWords } from '#common/words/states.ts';

/** The fields of the form as typed. */
export interface ForwardFields {
  readonly hostId: string;
  readonly remotePort: string;
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
  readonly badPort: string;
  readonly badLocalPort: string;
}

export function readForwardForm(fields: ForwardFields, words: FormWords): FormReading {
  const remotePort = readPort(fields.remotePort);
  const localPort = fields.localPort.trim() === '' ? undefined : readPort(fields.localPort);
  if (fields.hostId !== '' && remotePort !== null && localPort !== null) {
    const input = { hostId: fields.hostId, remotePort, ...(localPort !== undefined && { localPort }) };
    return { ok: true, input };
  }
  return {
    ok: false,
    errors: {
      ...(fields.hostId === '' && { hostId: words.chooseHost }),
      ...(remotePort === null && { remotePort: words.badPort }),
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
  'target-refused': 'remotePort',
  'not-found': 'hostId',
};

/** Puts a refused call's words at the field that can mend it. */
export function fieldErrorsOf(code: ErrorCode, language: Language): FieldErrors {
  const { title, hint } = errorWords(code, language);
  return { [fieldOfCode[code] ?? 'form']: `${title}. ${hint}` };
}
