/** A real Chromium, and pages whose errors fail the test. */
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

export const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

export const CHROMIUM_ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
}

export interface WatchedPage {
  page: Page;
  /** Uncaught exceptions of the page: the recorder must cause none. */
  errors: string[];
  /** Origins the page asked for anything. */
  origins: Set<string>;
}

export async function openPage(context: BrowserContext): Promise<WatchedPage> {
  const page = await context.newPage();
  const watched: WatchedPage = { page, errors: [], origins: new Set() };
  page.on('pageerror', (error) => watched.errors.push(error.message));
  page.on('request', (request) => watched.origins.add(new URL(request.url()).origin));
  return watched;
}
