import type { Locator, Page } from 'playwright-core';
import { waitUntil } from '../wait-until.js';

export interface Choices {
  /** Offices or people, by name. */
  readonly to?: readonly string[];
  readonly opinion?: string;
  readonly fill?: (panel: Locator) => Promise<void>;
  /** Done with the first press. */
  readonly asksNothing?: boolean;
  /** Of the whole ticket: stands in the menu. */
  readonly inMenu?: boolean;
}

/** One person of an office at a ticket's page, as they would press and type. */
export class Desk {
  readonly page: Page;

  readonly #newest: { seq: number };

  /** `newest` is shared by all desks: nobody presses before they see what another did, as people who wait for it would. */
  constructor(page: Page, newest: { seq: number }) {
    this.page = page;
    this.#newest = newest;
  }

  get main(): Locator {
    return this.page.getByRole('main');
  }

  async act(name: string, choices: Choices = {}): Promise<void> {
    const { to = [], opinion, asksNothing = false, inMenu = false, fill } = choices;
    const bar = this.main.getByRole('toolbar', { name: '可以做的' });
    const shown = this.main.locator('[data-seq]').first();
    const newest = async () => Number(await shown.getAttribute('data-seq')) >= this.#newest.seq;
    await waitUntil('the page to show what others did', newest);
    const press = async () => {
      if (!inMenu) return bar.getByRole('button', { name: new RegExp(`^${name}( |$|\\d|[a-z])`) }).click();
      await bar.getByRole('button', { name: '更多' }).click();
      await this.page.getByRole('menuitem', { name: new RegExp(`^${name}`) }).click();
    };
    if (asksNothing) return this.#sent(press);
    await press();
    const panel = this.main.getByRole('group', { name, exact: true });
    for (const party of to) {
      await panel.getByRole('combobox').fill(party);
      await this.page.locator('.ant-select-item-option', { hasText: party }).first().click();
    }
    // Where several may be chosen, the list stays open until one goes on.
    if (to.length > 0) await panel.getByRole('heading').click();
    if (opinion !== undefined) await panel.getByLabel(/^意见/).fill(opinion);
    await fill?.(panel);
    await this.#sent(() => panel.getByRole('button', { name: new RegExp(`^(确认)?${name}`) }).click());
    await panel.waitFor({ state: 'hidden' });
  }

  /** Answered by the server, and the page shows what came of it. */
  async #sent(press: () => Promise<void>): Promise<void> {
    const answered = this.page.waitForResponse((response) => response.url().endsWith('/acts'));
    await press();
    const answer = await answered;
    if (answer.status() !== 200) throw new Error(`${answer.status()}: ${await answer.text()}`);
    const { seq } = (await answer.json()) as { seq: number };
    this.#newest.seq = seq;
    await this.main.locator(`[data-seq="${seq}"]`).first().waitFor();
  }

  async stands(state: string): Promise<void> {
    await this.page.locator('.page-title-row').getByText(state, { exact: true }).waitFor();
  }

  field(name: string): Locator {
    return this.main.locator('[data-field]').filter({ has: this.page.locator('label', { hasText: name }) });
  }

  /** Chooses in a tree by typing. */
  async category(name: string, words: string): Promise<void> {
    const choice = this.field(name).getByRole('combobox');
    await choice.click();
    await choice.fill(words);
    await this.page.locator('.ant-cascader-menu-item', { hasText: words }).first().click();
  }
}
