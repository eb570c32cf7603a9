import type { TicketKind } from '@hallhub/shared/ticket';
import { createContext, useContext } from 'react';
import type { DesignerTab, DraftFault } from './find-faults.js';

/** What every part of the designer works on. */
export interface Designer {
  readonly kind: TicketKind;
  readonly faults: readonly DraftFault[];
  readonly mayWrite: boolean;
  /** `place`: changes of one place in a row are taken back together. */
  readonly change: (next: (kind: TicketKind) => TicketKind, place?: string) => void;
  /** Of the part that is shown: a step, a field, a clock. */
  readonly item: string | undefined;
  readonly open: (tab: DesignerTab, item?: string) => void;
}

const DesignerContext = createContext<Designer | undefined>(undefined);
export const DesignerProvider = DesignerContext.Provider;

export const useDesigner = (): Designer => {
  const designer = useContext(DesignerContext);
  if (!designer) throw new RangeError('outside of the designer');
  return designer;
};

/** One of a list of the draft with another in its place. */
export const replaced = <T>(all: readonly T[], index: number, next: T): T[] =>
  all.map((one, i) => (i === index ? next : one));
export const without = <T>(all: readonly T[], index: number): T[] => all.filter((_, i) => i !== index);
export const moved = <T>(all: readonly T[], index: number, by: -1 | 1): T[] => {
  const next = [...all];
  const [one] = next.splice(index, 1);
  if (one !== undefined) next.splice(Math.min(Math.max(0, index + by), next.length), 0, one);
  return next;
};
