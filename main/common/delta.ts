/** What changed between two values of plain JSON: small where little did, and applied by the same code everywhere. Pure. */

/** Takes the place of what was there: itself where it is no object, else `to`; or changes within an object or a list. */
export type Delta =
  | null
  | boolean
  | number
  | string
  | { readonly to: unknown }
  /** By name, or by position in a list, which keeps its length. Names in `gone` are there no more. */
  | { readonly in: Readonly<Record<string, Delta>>; readonly gone?: readonly string[] };

type Fields = Readonly<Record<string, unknown>>;

/** Returns the step from one value to the other; undefined where they say the same. */
export function difference(before: unknown, after: unknown): Delta | undefined {
  if (before === after) return undefined;
  if (!isObject(after)) return after as Delta;
  if (!isObject(before)) return { to: after };
  if (Array.isArray(before) || Array.isArray(after)) return listDifference(before, after);
  return fieldDifference(before, after);
}

/** Returns the value with the delta applied; what has not changed is shared with it. */
export function applyDelta(before: unknown, delta: Delta): unknown {
  if (!isObject(delta)) return delta;
  if ('to' in delta) return delta.to;
  if (Array.isArray(before)) {
    const items = [...before];
    for (const at of Object.keys(delta.in))
      items[Number(at)] = applyDelta(before[Number(at)], stepOf(delta, at));
    return items;
  }
  const fields: Record<string, unknown> = { ...(before as Fields) };
  for (const name of Object.keys(delta.in))
    put(fields, name, applyDelta(own(fields, name), stepOf(delta, name)));
  for (const name of delta.gone ?? []) delete fields[name];
  return fields;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function listDifference(before: unknown, after: unknown): Delta | undefined {
  if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length) return { to: after };
  let changed: Record<string, Delta> | undefined;
  for (const [at, item] of after.entries()) {
    const step = difference(before[at], item);
    if (step === undefined) continue;
    // Numbers and words are said as briefly whole.
    if (!isObject(item)) return { to: after };
    changed ??= {};
    changed[at] = step;
  }
  return changed && { in: changed };
}

function fieldDifference(before: Fields, after: Fields): Delta | undefined {
  let changed: Record<string, Delta> | undefined;
  let stayed = 0;
  for (const name of Object.keys(after)) {
    const value = after[name];
    // Most fields of most objects are the same; what only a prototype has is no value of JSON, and so not the same.
    if (value === before[name]) {
      if (value !== undefined) stayed += 1;
      continue;
    }
    const earlier = own(before, name);
    if (earlier !== undefined && value !== undefined) stayed += 1;
    const step = difference(earlier, value);
    if (step === undefined) continue;
    changed ??= {};
    put(changed, name, step);
  }
  const names = Object.keys(before);
  const gone = names.length === stayed ? [] : names.filter((name) => own(after, name) === undefined);
  if (gone.length > 0) return { in: changed ?? {}, gone };
  return changed && { in: changed };
}

/** Names come from outside, too: `constructor` and `__proto__` are words like any other. */
function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function put<Value>(fields: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__')
    Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  else fields[name] = value;
}

function stepOf(delta: { readonly in: Readonly<Record<string, Delta>> }, name: string): Delta {
  return own(delta.in, name) as Delta;
}
