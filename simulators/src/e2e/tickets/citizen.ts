import type { Locator, Page } from 'playwright-core';
import { waitUntil } from '../wait-until.js';

/** Somebody outside, with the public pages and the slip that they were given; no account, no script needed. */
export class Citizen {
  readonly page: Page;
  number = '';
  pin = '';

  constructor(page: Page) {
    this.page = page;
  }

  /** By the form, as a person fills it in; keeps number and PIN of the slip. */
  async ask(slug: string, answers: Readonly<Record<string, string>>, { nature }: { nature: string }): Promise<void> {
    await this.page.goto(`/form/${slug}`);
    await this.page.getByRole('radio', { name: nature }).check();
    for (const [label, text] of Object.entries(answers))
      await this.page.getByRole('textbox', { name: new RegExp(`^${label}`) }).fill(text);
    await this.page.getByRole('button', { name: '提交', exact: true }).click();
    const slip = this.page.getByRole('status');
    const values = slip.locator('.keys dd');
    await values.nth(1).waitFor();
    [this.number = '', this.pin = ''] = await values.allTextContents();
    if (!this.number || !this.pin) throw new Error(`no slip: ${await this.page.locator('main').textContent()}`);
  }

  /** Types number and PIN, as on any other day. */
  async look(): Promise<Locator> {
    await this.page.goto('/progress');
    await this.page.getByLabel('受理编号').fill(this.number);
    await this.page.getByLabel('查询码').fill(this.pin);
    await this.page.getByRole('button', { name: '查询', exact: true }).click();
    return this.page.locator('main');
  }

  /** Looks again until the page says so: it stands still, and the platform may be at it. */
  async sees(state: string): Promise<void> {
    let seen: string | null = null;
    const isThere = async () => {
      const heading = (await this.look()).getByRole('heading', { level: 1 });
      seen = await heading.textContent();
      return (await heading.getByText(state, { exact: true }).count()) > 0;
    };
    await waitUntil(`the page of progress to say ${state}`, isThere, { everyMs: 2_000, seen: () => seen });
  }

  async judges(degree: string, { cause, words }: { cause?: string; words?: string } = {}): Promise<void> {
    const main = await this.look();
    await main.getByRole('radio', { name: degree, exact: true }).check();
    if (cause) await main.getByLabel(/主要原因/).selectOption({ label: cause });
    if (words) await main.getByLabel('补充说明').fill(words);
    await main.getByRole('button', { name: '提交评价' }).click();
    await main.getByText('感谢您的评价').waitFor();
  }
}
