import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

const usualNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** The Chromium of this machine, or the one that CHROMIUM_PATH names. */
export async function startChromium(): Promise<Browser> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.flatMap((folder) => usualNames.map((name) => join(folder, name))).find(existsSync);
  const executablePath = process.env['CHROMIUM_PATH'] ?? found;
  if (executablePath === undefined)
    throw new Error(
      'There is no Chromium: install it (Debian: apt-get install chromium), or name one in CHROMIUM_PATH.',
    );
  return chromium.launch({ executablePath, args: ['--no-sandbox'] }); // root, as in containers, has no sandbox
}

/** Leaves a picture of the page where `npm run test:browser -- --screenshots DIR` asks for pictures. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['BROWSER_SCREENSHOTS'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
