import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Language } from '#common/language.ts';
import { diagnosticsWords } from '../../renderer/diagnostics/words.ts';
import { describeInBrowser, useGallery } from '../support/browser/hooks.ts';

const languages = ['en', 'ru'] as const;
const widths = [760, 900, 1280];

/** The different places, in pixels, at which these begin. */
async function placesOf(page: Page, selector: string, side: 'left' | 'top'): Promise<readonly number[]> {
  const all = await page
    .locator(selector)
    .evaluateAll((found, of) => found.map((one) => Math.round(one.getBoundingClientRect()[of])), side);
  expect(all.length).toBeGreaterThan(1);
  return [...new Set(all)];
}

describeInBrowser('what stands side by side or below each other', () => {
  const gallery = useGallery();

  const open = async (name: string, language: Language) =>
    (await gallery.open(name, { language, theme: 'light', contrast: 'system' })).page;

  it.each(languages)('hosts that failed have their texts below each other, in %s', async (language) => {
    const page = await open('gpus-failed', language);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      expect(await placesOf(page, '.FailedHosts__host > :nth-child(2)', 'left')).toHaveLength(1);
    }
  });

  it.each(languages)(
    'fields of one line are at one height in the form of a launch, in %s',
    async (language) => {
      const page = await open('serve', language);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        const groups = await page.locator('.ServeFieldset__group').count();
        for (let at = 0; at < groups; at += 1) {
          const group = `.ServeFieldset__group >> nth=${at} >> `;
          const lines = await page.locator(`${group}.field`).evaluateAll((all) => {
            const top = (one: Element | null) => Math.round(one?.getBoundingClientRect().top ?? 0);
            return all.map((field) => [top(field), top(field.querySelector('.input'))] as const);
          });
          const byLine = new Map(lines);
          for (const [line, control] of lines) expect([width, control]).toEqual([width, byLine.get(line)]);
        }
      }
    },
  );

  it.each(languages)('a tab stays where it is when another is chosen, in %s', async (language) => {
    const page = await open('diagnostics', language);
    const before = await placesOf(page, '[role="tab"]', 'left');
    await page.getByRole('tab', { name: diagnosticsWords[language].log }).click();
    expect(await placesOf(page, '[role="tab"]', 'left')).toEqual(before);
  });

  it.each(languages)('an offer of free GPUs says all of what it offers, in %s', async (language) => {
    const page = await open('find-free', language);
    const cut = await page
      .locator('.FindFree__offer .dim')
      .evaluateAll((all) =>
        all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent),
      );
    expect(cut).toEqual([]);
  });

  it.each(languages)('the head of the results of auto-forward is one line, in %s', async (language) => {
    const page = await open('forwards-auto', language);
    await page.setViewportSize({ width: 700, height: 900 });
    const title = page.locator('.AutoForwardResults__toggle > span').first();
    const lines = await title.evaluate(
      (one) => one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight),
    );
    expect(lines).toBeLessThan(1.5);
  });

  it.each(languages)('a port beside the label of a forward is whole, in %s', async (language) => {
    const page = await open('forwards-labelled', language);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      // The end of a name is the generated text of its first line, which is seen while the whole one is below it.
      const cut = await page.locator('[data-table="forwards"] .Name__short').evaluateAll((all) => {
        const isShown = (one: Element) =>
          one.getBoundingClientRect().top < (one.nextElementSibling?.getBoundingClientRect().top ?? 0);
        return all
          .filter((one) => isShown(one) && one.scrollWidth > one.clientWidth + 1)
          .map((one) => one.getAttribute('data-tail'));
      });
      expect(cut).toEqual([]);
    }
  });

  it('a filter of any length leaves the button that clears it in view', async () => {
    const page = await open('gpus', 'en');
    await page.getByRole('combobox').fill('a'.repeat(3000));
    await page.locator('.EmptyState__empty').waitFor();
    const button = await page.locator('.EmptyState__empty .button').boundingBox();
    expect((button?.y ?? 0) + (button?.height ?? 0)).toBeLessThan(900);
  });
});
