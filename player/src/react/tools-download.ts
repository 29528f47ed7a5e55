/** A session as a file on the viewer's disk. */
import { ONE_FILE_PLACE, writeOneFile } from '../tools/one-file/one-file.js';

export type ExportFile = (sessionId: string) => Promise<Blob>;

export async function downloadReplay(exportFile: ExportFile, sessionId: string): Promise<void> {
  save(await exportFile(sessionId), `${fileName(sessionId)}.replay`);
}

export interface OnePage {
  exportFile: ExportFile;
  sessionId: string;
  /** Address of the page that the session is put into. */
  oneFileUrl: string;
  /** The playhead, Unix milliseconds. */
  time: () => number;
}

export async function downloadOneFile(page: OnePage): Promise<void> {
  const { exportFile, sessionId, oneFileUrl, time } = page;
  const [file, template] = await Promise.all([exportFile(sessionId), templateAt(oneFileUrl)]);
  save(await writeOneFile({ template, file, time: time() }), `${fileName(sessionId)}.html`);
}

/** @param text of a file, in UTF-8 */
export function saveText(text: string, name: string): void {
  save(new Blob([text], { type: 'text/plain;charset=utf-8' }), name);
}

async function templateAt(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(
      `The page to put it into is not there (${response.status}). Load this page anew and try again.`,
    );
  }
  const template = await response.text();
  // A proxy or a login that has ended answers with a page of its own.
  if (!template.includes(ONE_FILE_PLACE)) {
    throw new Error(
      `What came from ${new URL(url, location.href).pathname} is another page than the one to put it into. Load this page anew and try again.`,
    );
  }
  return template;
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Ids come from anywhere. */
function fileName(sessionId: string): string {
  return `session-${sessionId.replace(/[^\w.-]+/g, '_').slice(0, 80)}`;
}
