import { Busboy } from '@fastify/busboy';
import type { ModelSearch, SearchState } from './model-search.ts';

/** A name is short; files are passed over and not kept. */
const limits = {
  fieldNameSize: 100,
  fieldSize: 4096,
  fields: 100,
  parts: 200,
  headerPairs: 50,
  headerSize: 16_384,
};

/**
 * Finds the field `model` in a form (`multipart/form-data`), whose content type names the boundary. A file before it is passed
 * over.
 */
export function searchForm(contentType: string): ModelSearch {
  let state: SearchState = { kind: 'searching' };
  const settle = (next: SearchState): void => {
    if (state.kind === 'searching') state = next;
  };
  const form = openForm(contentType);
  form?.on('field', (field, value) => {
    if (field === 'model') settle({ kind: 'found', name: value });
  });
  const ended = new Promise<void>((resolve) => {
    form?.once('finish', resolve);
    form?.once('error', () => {
      settle({ kind: 'invalid', why: 'The body is not a form.' });
      resolve();
    });
  });
  if (form === null) settle({ kind: 'invalid', why: 'The content type names no boundary of a form.' });
  return {
    state: () => state,
    async feed(chunk) {
      if (form === null) return;
      await Promise.race([new Promise((resolve) => form.write(chunk, resolve)), ended]);
      // The parts of a form are streams, which tell their ends a moment later.
      await new Promise((resolve) => setImmediate(resolve));
    },
    async end() {
      form?.end();
      if (form !== null) await ended;
      settle({ kind: 'none' });
    },
    span(raw) {
      if (state.kind !== 'found') return null;
      return spanOfField(raw, state.name);
    },
    encode: (model) => model,
  };
}

function openForm(contentType: string) {
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits });
  } catch {
    // There is no boundary in it.
    return null;
  }
}

/** Of the first part with that name and value. A boundary follows it, which no content of another part can hold. */
function spanOfField(raw: Buffer, value: string): { readonly start: number; readonly end: number } | null {
  const text = Buffer.from(`\r\n\r\n${value}\r\n--`);
  for (let at = raw.indexOf(text); at >= 0; at = raw.indexOf(text, at + 1)) {
    const headers = raw.subarray(Math.max(0, at - 1000), at).toString('latin1');
    const part = headers.slice(headers.lastIndexOf('\r\n--') + 1);
    const start = at + 4;
    if (/name="?model"?(?:[;\r\n]|$)/i.test(part)) return { start, end: start + Buffer.byteLength(value) };
  }
  return null;
}
