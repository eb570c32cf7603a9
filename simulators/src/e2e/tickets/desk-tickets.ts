import type { ApiClient } from '../api-client.js';

interface Offer {
  readonly do: string;
  readonly action: string | null;
  readonly task: string | null;
}

type Command = { readonly do: string; readonly action?: string } & Record<string, unknown>;

/** Tickets as far along as a test wants them, without a browser. */
export class DeskTickets {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async make(kind: string, fields: Readonly<Record<string, unknown>>, more: object = {}): Promise<string> {
    const { id } = await this.#api.post<{ id: string }>('/tickets', { kind, fields, ...more });
    return id;
  }

  /** A citizen's request, registered and classified: it waits to be dispatched. */
  async toDispatch(title: string): Promise<string> {
    const { items } = await this.#api.get<{ items: { code: string; parent: string | null }[] }>(
      '/category-trees/matters',
    );
    const leaf = items.find(({ parent }) => parent !== null);
    const fields = { title, content: title, nature: 'help', category: [leaf?.parent, leaf?.code] };
    const id = await this.make('citizen_request', fields);
    await this.act(id, { do: 'submit', action: 'to_dispatch', fields: {} });
    return id;
  }

  async office(code: string): Promise<readonly { readonly kind: 'office'; readonly id: string }[]> {
    const { items } = await this.#api.get<{ items: { id: string; code: string }[] }>('/offices');
    return items.filter((one) => one.code === code).map(({ id }) => ({ kind: 'office', id }));
  }

  /** As whoever the API is signed in as, upon the newest of it: the platform may act in between. */
  async act(ticketId: string, command: Command): Promise<void> {
    const isIt = (offer: Offer) => offer.do === command.do && (offer.action ?? '') === (command.action ?? '');
    const path = `/api/v1/tickets/${ticketId}/acts`;
    for (;;) {
      const { seq, offers } = await this.#api.get<{ seq: number; offers: Offer[] }>(`/tickets/${ticketId}`);
      const task = offers.find(isIt)?.task;
      const body = task ? { task, ...command } : command;
      const { status, body: answer } = await this.#api.request('POST', path, body, { 'if-match': `"${seq}"` });
      if (status === 200) return;
      if (status !== 412) throw new Error(`${command.do} was answered ${status}: ${JSON.stringify(answer)}`);
    }
  }
}
