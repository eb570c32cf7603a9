import type { Behaviour, Platform12345 } from './platform.js';
import type { Message, PlatformTicket } from './platform-book.js';

/** How the platform’s people act, each a share of 0..1. */
export interface PeopleSettings {
  /** Of the hub’s tickets: given back instead of handled. */
  readonly returns?: number;
  readonly asksExtension?: number;
  /** Of its own tickets, finished by the hub: not accepted, to be done again (once). */
  readonly rework?: number;
  /** Withdrawn while the hub is at it. */
  readonly cancels?: number;
  readonly reminds?: number;
  /** Of its own tickets, given back by the hub: sent there again, once. */
  readonly insists?: number;
}

/** People who sign and finish what the hub gives them, and judge what the hub finished. */
export const platformPeople = (settings: PeopleSettings, random: () => number): Behaviour => {
  const happens = (share = 0) => random() < share;
  const reworked = new Set<string>();
  const insisted = new Set<string>();
  const own = (platform: Platform12345, ticket: PlatformTicket, { act }: Message): void => {
    if (act === 'sign') {
      if (happens(settings.reminds)) platform.act(ticket, { act: 'remind', words: '请尽快办理' });
      if (happens(settings.cancels)) platform.act(ticket, { act: 'cancel', words: '诉求人撤回' });
    }
    if (act === 'ask_extension') platform.act(ticket, { act: 'decide_extension', granted: true, minutes: 1_440 });
    if (act === 'return') {
      const first = JSON.parse(ticket.sent[0] ?? '{}') as Message & { readonly title?: string };
      const isSent = !insisted.has(ticket.number) && happens(settings.insists);
      insisted.add(ticket.number);
      if (isSent) platform.act(ticket, { act: 'dispatch', title: `再次派发：${first.title ?? ''}`.slice(0, 200) });
      else platform.act(ticket, { act: 'cancel', words: '同意退单' });
    }
    if (act !== 'finish') return;
    if (!reworked.has(ticket.number) && happens(settings.rework)) {
      reworked.add(ticket.number);
      platform.act(ticket, { act: 'rework', words: '诉求人不满意，请重新办理' });
    } else platform.act(ticket, { act: 'close', satisfaction: 5, words: '满意' });
  };
  const hubs = (platform: Platform12345, ticket: PlatformTicket, { act }: Message): void => {
    if (act === 'dispatch' && happens(settings.returns)) {
      platform.act(ticket, { act: 'return', words: '不属于本平台受理范围' });
      return;
    }
    if (act === 'dispatch' || act === 'rework') {
      platform.act(ticket, { act: 'sign' });
      if (happens(settings.asksExtension)) {
        platform.act(ticket, { act: 'ask_extension', minutes: 1_440, words: '需现场核实' });
        return;
      }
    }
    if (act === 'dispatch' || act === 'rework' || act === 'decide_extension') {
      platform.act(ticket, { act: 'finish', words: '已协调处置完毕' });
    }
  };
  return (platform, ticket, message) => (ticket.owner === 'platform' ? own : hubs)(platform, ticket, message);
};
