import { useEffect, useMemo, useRef, useState } from 'react';
import { useMe } from '../../../app/session.js';
import { DraftStore } from './draft-store.js';

const settleMs = 400;
const none: Record<string, unknown> = {};

/** What is typed and not sent, kept in this browser; it is there again after a reload. */
export function useDraft(about: string, personal: ReadonlySet<string>) {
  const { user } = useMe();
  const store = useMemo(() => new DraftStore(user.id, localStorage, sessionStorage), [user.id]);
  const [fields, setFields] = useState<Record<string, unknown>>(() => store.read(about)?.fields ?? none);
  const [wasThere] = useState(() => Object.keys(fields).length > 0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(fields);
  latest.current = fields;
  useEffect(() => {
    store.sweep();
    return () => {
      // The last letters are kept, too, when the page is left.
      if (timer.current === undefined) return;
      clearTimeout(timer.current);
      store.keep(about, { fields: latest.current }, personal);
    };
  }, [store, about, personal]);
  const keepSoon = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      store.keep(about, { fields: latest.current }, personal);
    }, settleMs);
  };
  return {
    fields,
    wasThere,
    set: (key: string, value: unknown) => {
      setFields((was) => ({ ...was, [key]: value }));
      keepSoon();
    },
    clear: () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      setFields(none);
      store.drop(about);
    },
  };
}
