import type { CallInput } from '#common/contract.ts';
import { type ErrorCode, errors } from '#common/errors.ts';

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

export function readForwardForm(fields: ForwardFields): FormReading {
  const remotePort = readPort(fields.remotePort);
  const localPort = fields.localPort.trim() === '' ? undefined : readPort(fields.localPort);
  if (fields.hostId !== '' && remotePort !== null && localPort !== null) {
    const input = { hostId: fields.hostId, remotePort, ...(localPort !== undefined && { localPort }) };
    return { ok: true, input };
  }
  return {
    ok: false,
    errors: {
      ...(fields.hostId === '' && { hostId: 'Choose a host.' }),
      ...(remotePort === null && { remotePort: 'A port is a number from 1 to 65535.' }),
      ...(localPort === null && { localPort: 'A number from 1 to 65535, or leave it empty.' }),
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
export function fieldErrorsOf(code: ErrorCode): FieldErrors {
  const { title, hint } = errors[code];
  return { [fieldOfCode[code] ?? 'form']: `${title}. ${hint}` };
}
