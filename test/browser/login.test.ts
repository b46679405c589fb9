import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { MatrixUser } from '../../sandbox/matrix-user.ts';
import { startScene } from '../support/bridge.ts';
import type { Scene } from '../support/bridge.ts';
import { command, directChat } from '../support/bridge/matrix-side.ts';
import { slashCommand } from '../support/bridge/slash-command.ts';
import { screenshot, startChromium } from './chromium.ts';

let scene: Scene;
let browser: Browser;
let chats: ReadonlyMap<MatrixUser, string>;

before(async () => {
  [scene, browser] = await Promise.all([startScene({ transport: 'http' }), startChromium()]);
  const [alice, bob] = await Promise.all([scene.alice, scene.bob].map((each) => directChat(each, scene.bot)));
  chats = new Map([
    [scene.alice, alice ?? ''],
    [scene.bob, bob ?? ''],
  ]);
});
after(async () => {
  await browser?.close();
  await scene?.close();
});

const phone = { viewport: { width: 375, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const looks: readonly (readonly [string, BrowserContextOptions])[] = [
  ['phone', { ...phone, colorScheme: 'light' }],
  ['phone-dark', { ...phone, colorScheme: 'dark' }],
  ['desktop', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
];

for (const [look, options] of looks)
  describe(`the login pages, ${look}`, () => {
    it('lead through Slack’s question to the end', async () => {
      const { alice, slack } = scene;
      await browsing(options, async (page) => {
        await page.goto(await newLink(alice));
        await seen(page, `${look}-1-question`, /Link your Slack account.*asks to use your Slack account/);
        await page.getByRole('button', { name: 'Go on to Slack' }).click();
        await page.waitForURL(/\/oauth\/v2\/authorize/);
        await page.selectOption('#user', slack.ann);
        await page.getByRole('button', { name: 'Allow' }).click();
        await page.waitForURL(/\/login\/callback/);
        await seen(page, `${look}-2-linked`, /Your accounts are linked.*written by Ann from now on/);
        await page.reload();
        await seen(page, `${look}-3-used`, /used already/);
      });
    });

    it('lead back to Slack’s question after a refusal, and say whose account it is', async () => {
      const { alice, bob, slack } = scene;
      await browsing(options, async (page) => {
        await page.goto(await newLink(bob));
        await page.getByRole('button', { name: 'Go on to Slack' }).click();
        await page.waitForURL(/\/oauth\/v2\/authorize/);
        await page.getByRole('button', { name: 'Cancel' }).click();
        await seen(page, `${look}-4-denied`, /You didn’t allow it.*nothing was linked/);
        await page.getByRole('link', { name: 'Try again' }).click();
        await page.selectOption('#user', slack.ann);
        await page.getByRole('button', { name: 'Allow' }).click();
        await seen(page, `${look}-5-taken`, new RegExp(`belongs to the Matrix account ${alice.userId}`));
      });
    });

    it('show who began in Slack a code for Matrix', async () => {
      const { slack } = scene;
      const answer = await slashCommand(scene, 'login', slack.ben);
      await browsing(options, async (page) => {
        await page.goto(/<(http:[^|]+)\|/.exec(answer)?.[1] ?? '');
        await seen(page, `${look}-6-from-slack`, /Ben asked in the Slack workspace Acme/);
        await page.getByRole('button', { name: 'Go on to Slack' }).click();
        await page.waitForURL(/\/oauth\/v2\/authorize/);
        await page.selectOption('#user', slack.ben);
        await page.getByRole('button', { name: 'Allow' }).click();
        await seen(page, `${look}-7-code`, /One more step, in Matrix.*!slack login (\w{4}-){2}\w{4}/);
      });
    });
  });

it('the login pages need no script', async () => {
  await browsing({ ...phone, javaScriptEnabled: false }, async (page) => {
    await page.goto(await newLink(scene.bob));
    await page.getByRole('button', { name: 'Go on to Slack' }).click();
    await page.waitForURL(/\/oauth\/v2\/authorize/);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('link', { name: 'Try again' }).waitFor();
  });
});

/** In a browser of its own, which complains of nothing. */
async function browsing(options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options);
  const complaints: string[] = [];
  try {
    const page = await context.newPage();
    page.on('console', (message) => {
      // the answer to what went wrong has a status that says so
      if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
        complaints.push(message.text());
    });
    await work(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(complaints, []);
}

/** What people read on the page, all of it within its width. */
async function seen(page: Page, name: string, words: RegExp): Promise<void> {
  await page.locator('main').waitFor();
  await screenshot(page, name);
  const text = (await page.locator('body').innerText()).replace(/\s+/g, ' ');
  assert.match(text, words);
  const box = await page.locator('main').boundingBox();
  const width = page.viewportSize()?.width ?? 0;
  assert.ok(box && box.x >= 0 && box.x + box.width <= width, `${JSON.stringify(box)} on ${width} pixels`);
}

async function newLink(person: MatrixUser): Promise<string> {
  const { body } = await command(person, chats.get(person) ?? '', 'login');
  return /http:\S+\/login\/[\w-]{43}/.exec(body)?.[0] ?? assert.fail(body);
}
