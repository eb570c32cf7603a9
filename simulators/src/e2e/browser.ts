import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** Why there is no browser here, or false. For a test's `skip`. */
export const noBrowser = existsSync(executablePath) ? false : 'Chromium is missing: apt-get install chromium';

/** How long a page may take at the most before a test gives up: far beyond what a busy machine takes. */
export const pageTimeoutMs = 90_000;

/** Headless Chromium as Debian ships it, without the connections it would make by itself. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    timeout: 2 * pageTimeoutMs,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** Collects what a person would see as broken: errors in the console and exceptions, but for failed requests that a test provokes. */
export const watchErrors = (page: Page): string[] => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text());
  });
  return errors;
};
