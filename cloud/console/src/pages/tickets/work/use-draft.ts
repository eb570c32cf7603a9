import { useEffect, useMemo, useRef, useState } from 'react';
import { useMe } from '../../../app/session.js';
import { type Draft, DraftStore } from './draft-store.js';

const settleMs = 400;
const none: Draft = { fields: {} };

/** What is typed and not sent, kept in this browser; it is there again after a reload, and after one's session has ended. */
export function useDraft(about: string, personal: ReadonlySet<string>) {
  const { user } = useMe();
  const store = useMemo(() => new DraftStore(user.id, localStorage, sessionStorage), [user.id]);
  const [draft, setDraft] = useState<Draft>(() => store.read(about) ?? none);
  const [first] = useState(draft);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(draft);
  useEffect(() => {
    store.sweep();
    return () => {
      // The last letters are kept, too, when the page is left.
      if (timer.current === undefined) return;
      clearTimeout(timer.current);
      store.keep(about, latest.current, personal);
    };
  }, [store, about, personal]);
  const put = (next: Draft) => {
    latest.current = next;
    setDraft(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      store.keep(about, latest.current, personal);
    }, settleMs);
  };
  return {
    fields: draft.fields,
    wasThere: first !== none,
    /** The act that was being made when the page was left. */
    actBefore: first.act,
    set: (key: string, value: unknown) =>
      put({ ...latest.current, fields: { ...latest.current.fields, [key]: value } }),
    setAct: (act: Draft['act']) => {
      if (act !== undefined || latest.current.act !== undefined) put({ ...latest.current, act });
    },
    clearFields: () => put({ ...latest.current, fields: {} }),
    clear: () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      latest.current = none;
      setDraft(none);
      store.drop(about);
    },
  };
}
