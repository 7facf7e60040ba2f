/** Unfolds the row whose key begins like this, once it is there. */
export async function unfold(page: Document, key: string): Promise<void> {
  const selector = `[data-key^="${CSS.escape(key)}"] [aria-expanded="false"]`;
  (await appeared(page, () => page.querySelector<HTMLElement>(selector))).click();
}

/** Asks for the menu of the row whose key begins like this, as the secondary button does. */
export async function askMenu(page: Document, key: string): Promise<void> {
  const cell = await appeared(page, () => page.querySelector(`[data-key^="${CSS.escape(key)}"] > *`));
  const { left, top } = cell.getBoundingClientRect();
  const at = { clientX: left + 80, clientY: top + 12 };
  cell.dispatchEvent(new MouseEvent('contextmenu', { ...at, bubbles: true, cancelable: true }));
}

/** Opens the palette, once there is something in it. */
export async function openPalette(page: Document): Promise<void> {
  await appeared(page, () => page.querySelector('main [data-key]'));
  page.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }));
  await appeared(page, () => page.querySelector('[role="option"]'));
}

/** Presses the buttons, or the labels of choices, of these accessible names one after the other, each as soon as it is there. */
export async function pressAll(page: Document, names: readonly string[]): Promise<void> {
  for (const name of names) (await appeared(page, () => findButton(page, name))).click();
}

/** Types into the field of that label, once it is there. */
export async function fill(page: Document, label: string, text: string): Promise<void> {
  const field = await appeared(page, () => {
    const found = [...page.querySelectorAll('label')].find((one) => one.textContent === label);
    return found?.control ?? null;
  });
  // React hears of a change only where the value was set past its own setter.
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field, text);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Waits for what a selector finds. */
export async function until(page: Document, selector: string): Promise<void> {
  await appeared(page, () => page.querySelector<HTMLElement>(selector));
}

function findButton(page: Document, name: string): HTMLElement | null {
  const buttons = [...page.querySelectorAll<HTMLElement>('button, a, [role="tab"], label')];
  return buttons.find((one) => (one.getAttribute('aria-label') ?? one.textContent).trim() === name) ?? null;
}

function appeared<Found extends Element>(page: Document, find: () => Found | null): Promise<Found> {
  return new Promise((resolve) => {
    const found = find();
    if (found !== null) return resolve(found);
    const observer = new MutationObserver(() => {
      const late = find();
      if (late === null) return;
      observer.disconnect();
      resolve(late);
    });
    observer.observe(page.documentElement, { childList: true, subtree: true, attributes: true });
  });
}
