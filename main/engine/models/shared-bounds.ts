const mostShared = 200;
const shared = new Map<string, readonly number[]>();

/**
 * The same list for the same bounds of a histogram: each sample of each server of an engine has them again, several samples
 * are kept of each, and those with the same list are compared without a look at it.
 */
export function sharedBounds(bounds: readonly number[]): readonly number[] {
  const key = bounds.join();
  const known = shared.get(key);
  if (known !== undefined) return known;
  // A server may print other bounds each time.
  if (shared.size >= mostShared) shared.clear();
  shared.set(key, bounds);
  return bounds;
}
