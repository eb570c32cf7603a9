import type { TicketKind } from '@hallhub/shared/ticket';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { isApiError } from '../../../api/api-error.js';
import { type KindPage, saveDraft } from '../../../api/ticket-kinds.js';
import { draftHistory } from './draft-history.js';
import { wholeKind } from './whole-kind.js';

export type SaveState = 'saved' | 'waiting' | 'saving' | 'failed' | 'conflict';

const quietMs = 700;

/** The draft as it is edited: every change can be taken back, and is saved when the hands rest. */
export function useDraft(page: KindPage) {
  const [history, act] = useReducer(draftHistory, undefined, () => ({
    ...{ past: [], now: wholeKind(page.draft.document), future: [], place: undefined },
  }));
  const [state, setState] = useState<SaveState>('saved');
  const [error, setError] = useState<unknown>();
  const version = useRef(page.version);
  const isForeign = useRef(false);
  const refused = useRef<TicketKind>(undefined);
  const stored = useRef(history.now);
  const latest = useRef(history.now);
  const running = useRef<Promise<boolean>>(undefined);
  latest.current = history.now;

  /** True: what is shown is stored. One at a time: the next knows the version that the last made. */
  const save = useCallback(async (): Promise<boolean> => {
    await running.current;
    const kind = latest.current;
    if (kind === stored.current) return true;
    if (isForeign.current) return false;
    setState('saving');
    const run = saveDraft(page.code, version.current, kind).then(
      (answer) => {
        version.current = answer.version;
        stored.current = kind;
        setError(undefined);
        setState(latest.current === kind ? 'saved' : 'waiting');
        return true;
      },
      (problem: unknown) => {
        setError(problem);
        refused.current = kind;
        isForeign.current = isApiError(problem, 'precondition_failed');
        setState(isForeign.current ? 'conflict' : 'failed');
        return false;
      },
    );
    running.current = run;
    const isDone = await run;
    running.current = undefined;
    return isDone;
  }, [page.code]);

  useEffect(() => {
    if (state === 'conflict') return;
    if (history.now === stored.current) {
      // Taken back before it was stored: there is nothing to store.
      setState((was) => (was === 'waiting' ? 'saved' : was));
      return;
    }
    // What was refused is not sent again and again: the next change is, and Ctrl S.
    if (history.now === refused.current) return;
    setState((was) => (was === 'saving' ? was : 'waiting'));
    const timer = setTimeout(() => void save(), quietMs);
    return () => clearTimeout(timer);
  }, [history.now, save, state]);

  // Who leaves the page at once leaves nothing behind.
  useEffect(() => () => void save(), [save]);

  const change = useCallback((next: (kind: TicketKind) => TicketKind, place?: string) => {
    const kind = next(latest.current);
    latest.current = kind;
    act({ do: 'change', kind, place });
  }, []);

  return {
    ...{ kind: history.now, change, save, state, error, version },
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    undo: () => act({ do: 'undo' }),
    redo: () => act({ do: 'redo' }),
  };
}
