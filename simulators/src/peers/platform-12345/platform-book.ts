export type Owner = 'hub' | 'platform';
export type State = 'dispatched' | 'signed' | 'finished' | 'returned' | 'closed' | 'cancelled';

/** A message as it goes over the wire, whoever sends it. */
export interface Message {
  readonly v: 1;
  readonly id: string;
  readonly ticket: { readonly owner: Owner; readonly number: string };
  readonly seq: number;
  readonly seen: number;
  readonly at: number;
  readonly act: string;
  readonly words?: string;
  readonly granted?: boolean;
  readonly [more: string]: unknown;
}

export interface Waiting {
  readonly id: string;
  content: Readonly<Record<string, unknown>> & { readonly act: string };
  /** Of the owner’s messages from the start; of the handler’s once it is sent. */
  seq: number | null;
  body: string | null;
  tries: number;
}

export interface PlatformTicket {
  readonly owner: Owner;
  readonly number: string;
  hubNumber: string | null;
  state: State;
  extension: boolean;
  /** Accepted from the hub, and by the hub. */
  fromHub: number;
  fromPlatform: number;
  /** Seq of the platform’s own last deciding word, where it is the owner. */
  lastWord: number;
  /** The hub’s words, in their order, and the files that it named or left out. */
  readonly words: string[];
  readonly files: string[];
  readonly left: string[];
  readonly waiting: Waiting[];
  readonly sent: string[];
  readonly heard: string[];
}

const decides = new Set(['dispatch', 'decide_extension', 'rework', 'close', 'cancel']);
const ofOwner = new Set([...decides, 'remind']);
const ofHandler = new Set(['sign', 'return', 'ask_extension', 'finish']);

export const isDeciding = (act: string): boolean => decides.has(act);
export const mayDo = (act: string, isOwner: boolean): boolean =>
  act === 'opinion' || (isOwner ? ofOwner.has(act) : ofHandler.has(act));

type Standing = Pick<PlatformTicket, 'state' | 'extension'>;

/** The table of docs/protocol.md 9.3; undefined: not now. */
export const after = (now: Standing | undefined, act: string): Standing | undefined => {
  if (act === 'dispatch') {
    return now === undefined || now.state === 'returned' ? { state: 'dispatched', extension: false } : undefined;
  }
  if (now === undefined || now.state === 'closed' || now.state === 'cancelled') return undefined;
  const open = now.state === 'dispatched' || now.state === 'signed';
  const to = (state: State): Standing => ({ state, extension: false });
  if (act === 'opinion') return now;
  if (act === 'cancel') return to('cancelled');
  if (act === 'remind') return open ? now : undefined;
  if (act === 'sign') return now.state === 'dispatched' ? { ...now, state: 'signed' } : undefined;
  if (act === 'return') return open ? to('returned') : undefined;
  if (act === 'finish') return open ? to('finished') : undefined;
  if (act === 'ask_extension') return open && !now.extension ? { ...now, extension: true } : undefined;
  if (act === 'decide_extension') return now.extension ? { ...now, extension: false } : undefined;
  if (act === 'rework') return now.state === 'finished' ? to('dispatched') : undefined;
  if (act === 'close') return now.state === 'finished' ? to('closed') : undefined;
  return undefined;
};

/** What comes from the hub: its reminder may have been on its way while the ticket was finished or returned. */
export const afterHeard = (now: Standing, act: string): Standing | undefined =>
  act === 'remind' && now.state !== 'closed' && now.state !== 'cancelled' ? now : after(now, act);

export const emptyLists = () => ({ words: [], files: [], left: [], waiting: [], sent: [], heard: [] });

export interface BookLine {
  readonly owner: Owner;
  readonly number: string;
  readonly state: State;
  readonly extension: boolean;
  readonly fromPlatform: number;
  readonly fromHub: number;
}

export const bookLine = ({ owner, number, state, extension, fromPlatform, fromHub }: PlatformTicket): BookLine => ({
  ...{ owner, number, state, extension, fromPlatform, fromHub },
});

/** A page of the book; `from`: where the one before ended. */
export const bookPage = (all: readonly PlatformTicket[], from: string | null): object => {
  const start = from === null ? 0 : Number(from);
  const page = all.slice(start, start + 200);
  return {
    v: 1,
    items: page.map((ticket) => bookLine(ticket)),
    next: start + page.length < all.length ? String(start + page.length) : null,
  };
};
