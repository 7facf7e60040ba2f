/** Passes a value on only when it differs from the one before. */
export function changes<T>(apply: (value: T) => void): (value: T) => void {
  let last: T | undefined;
  return (value) => {
    if (value === last) return;
    last = value;
    apply(value);
  };
}
