import { Tokenizer, TokenType } from '@streamparser/json';
import type { ModelSearch, SearchState } from './model-search.ts';

/** Tokens of a text are made of at most so much of it at once: what follows the name in it need not be read. */
const sliceBytes = 16 * 1024;

/**
 * Finds the string at `model` in the JSON object that the chunks make, without keeping anything of the rest. What comes after it
 * is not read, and so need not be JSON.
 */
export function searchJson(): ModelSearch {
  // Without a buffer each escape in a prompt costs a decoding of its own: fifteen times as long for all of it.
  const tokenizer = new Tokenizer({ stringBufferSize: sliceBytes });
  let state: SearchState = { kind: 'searching' };
  let start = 0;
  let depth = 0;
  /** At depth 1: a name comes next, a colon, or the value of the name. */
  let place: 'name' | 'colon' | 'value' = 'name';
  let name: unknown = null;

  const invalid = (why: string): void => {
    if (state.kind === 'searching') state = { kind: 'invalid', why };
  };
  tokenizer.onError = () => invalid('The body is not JSON.');
  tokenizer.onToken = ({ token, value, offset }) => {
    if (state.kind !== 'searching') return;
    const isFirst = depth === 0;
    if (isFirst && token !== TokenType.LEFT_BRACE) return invalid('The body is not a JSON object.');
    const isValue = depth === 1 && place === 'value';
    if (isValue && name === 'model') {
      if (token !== TokenType.STRING) return invalid('The model in the body is not a text.');
      start = offset;
      state = { kind: 'found', name: String(value) };
      return;
    }
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) depth += 1;
    else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) depth -= 1;
    else if (depth === 1 && place === 'name') name = value;
    if (depth === 0) state = { kind: 'none' };
    else if (isFirst || (depth === 1 && token === TokenType.COMMA)) place = 'name';
    else if (depth === 1 && token === TokenType.COLON) place = 'value';
    else if (depth === 1) place = 'colon';
  };

  return {
    state: () => state,
    async feed(chunk) {
      for (let at = 0; at < chunk.length && state.kind === 'searching'; at += sliceBytes)
        tokenizer.write(chunk.subarray(at, at + sliceBytes));
    },
    end: async () => invalid('The body ended within its JSON.'),
    span(raw) {
      let end = start + 1;
      while (end < raw.length && raw[end] !== quote) end += raw[end] === backslash ? 2 : 1;
      return end < raw.length ? { start, end: end + 1 } : null;
    },
    encode: (model) => JSON.stringify(model),
  };
}

const quote = 0x22;
const backslash = 0x5c;
