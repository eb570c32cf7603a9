import type { TicketKind } from '@hallhub/shared/ticket';

/** A draft with what was before and after it, so that every change can be taken back. */
export interface DraftHistory {
  readonly past: readonly TicketKind[];
  readonly now: TicketKind;
  readonly future: readonly TicketKind[];
  /** Where the last change was: changes of one place in a row are one step back. */
  readonly place: string | undefined;
}

const mostSteps = 200;

export type DraftAct =
  | { readonly do: 'open'; readonly kind: TicketKind }
  | { readonly do: 'change'; readonly kind: TicketKind; readonly place: string | undefined }
  | { readonly do: 'undo' }
  | { readonly do: 'redo' };

export const draftHistory = (history: DraftHistory, act: DraftAct): DraftHistory => {
  const { past, now, future, place } = history;
  switch (act.do) {
    case 'open':
      return { past: [], now: act.kind, future: [], place: undefined };
    case 'change': {
      if (act.kind === now) return history;
      const goesOn = act.place !== undefined && act.place === place;
      return { past: goesOn ? past : [...past, now].slice(-mostSteps), now: act.kind, future: [], place: act.place };
    }
    case 'undo': {
      const before = past.at(-1);
      return before ? { past: past.slice(0, -1), now: before, future: [now, ...future], place: undefined } : history;
    }
    case 'redo': {
      const [after, ...rest] = future;
      return after ? { past: [...past, now], now: after, future: rest, place: undefined } : history;
    }
  }
};
