/** Bytes of bodies that may be held at once, by all requests together. */
export interface Budget {
  /** False where there is no room for so many more. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  used(): number;
}

export function createBudget(most: number): Budget {
  let used = 0;
  return {
    take(bytes) {
      if (used + bytes > most) return false;
      used += bytes;
      return true;
    },
    give(bytes) {
      used -= bytes;
    },
    used: () => used,
  };
}

/** The beginning of a body, held as long as it may be sent again. */
export interface HeldBytes {
  /** Holds one more chunk. False where the budget has no room for it, or where nothing is held any more. */
  add(chunk: Buffer): boolean;
  chunks(): readonly Buffer[];
  length(): number;
  /** Puts other bytes in the place of some. */
  replace(span: { readonly start: number; readonly end: number }, text: Buffer): void;
  /** Lets go of what is held; nothing is held from now on. */
  release(): void;
  /** As `release`, where there is more of the body than was ever held. */
  lose(): void;
  /** Whether nothing of the body was let go. */
  isWhole(): boolean;
}

export function createHeldBytes(budget: Budget): HeldBytes {
  let chunks: Buffer[] = [];
  let length = 0;
  let isWhole = true;
  let isOpen = true;
  const release = (): void => {
    if (chunks.length > 0) isWhole = false;
    isOpen = false;
    budget.give(length);
    chunks = [];
    length = 0;
  };
  return {
    add(chunk) {
      if (!isOpen || !budget.take(chunk.length)) return false;
      chunks.push(chunk);
      length += chunk.length;
      return true;
    },
    chunks: () => chunks,
    length: () => length,
    replace({ start, end }, text) {
      const raw = Buffer.concat(chunks);
      const grownBy = text.length - (end - start);
      chunks = [raw.subarray(0, start), text, raw.subarray(end)].filter((part) => part.length > 0);
      length += grownBy;
      budget.give(-grownBy);
    },
    release,
    lose() {
      release();
      isWhole = false;
    },
    isWhole: () => isWhole,
  };
}
