import type { ExportedFile } from '#common/export.ts';
import { after } from '#common/timer.ts';

/** Hands a file to the browser to save; the desktop's window does it the same way. */
export type Download = (file: ExportedFile) => void;

/** Long enough for every browser to have taken the text over. */
const keptMs = 60_000;

export function createDownload(page: Window): Download {
  return ({ fileName, mediaType, text }) => {
    const url = URL.createObjectURL(new Blob([text], { type: mediaType }));
    const link = page.document.createElement('a');
    link.href = url;
    link.download = fileName;
    link.click();
    after(keptMs, () => URL.revokeObjectURL(url));
  };
}
