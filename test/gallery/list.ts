import { addressOf, type Look, looks } from './look.ts';
import { states } from './states.ts';

/** Shows the list of all states; each opens in every language and theme, and is shown here in the chosen ones. */
export function showList(page: Document): void {
  const choice = page.createElement('select');
  choice.ariaLabel = 'Language, theme and contrast';
  for (const [at, look] of looks.entries())
    choice.append(new Option(`${look.language}, ${look.theme}, contrast ${look.contrast}`, String(at)));
  const list = page.createElement('div');
  const show = () => {
    const look = looks[Number(choice.value)] ?? looks[0];
    if (look !== undefined)
      list.replaceChildren(...Object.keys(states).map((name) => figure(page, name, look)));
  };
  choice.addEventListener('change', show);
  page.title = 'vllm-tray: gallery';
  page.body.style.cssText = 'margin: 16px; overflow: auto; font: 14px sans-serif';
  page.body.replaceChildren(choice, list);
  show();
}

function figure(page: Document, name: string, look: Look): HTMLElement {
  const whole = page.createElement('figure');
  const link = page.createElement('a');
  link.href = addressOf(name, look);
  link.textContent = name;
  const frame = page.createElement('iframe');
  frame.title = name;
  frame.loading = 'lazy';
  frame.src = link.href;
  frame.style.cssText = 'display: block; width: 1280px; height: 720px; border: 1px solid gray';
  whole.append(link, frame);
  return whole;
}
