import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { applyLive, forgetLive } from '../api/live-cache.js';
import { type LiveState, LiveStream } from '../api/live-stream.js';
import { meQuery } from '../api/session.js';

interface LiveStatus {
  state: LiveState;
  sinceMs: number;
}

const LiveContext = createContext<LiveStatus>({ state: 'connecting', sinceMs: 0 });

const liveUrl = '/api/v1/live?topics=overview,devices,units,alarms,commands,events,review,tickets';

/** Keeps the one live stream and writes what it says into the query cache. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [status, setStatus] = useState<LiveStatus>(() => ({ state: 'connecting', sinceMs: Date.now() }));
  useEffect(() => {
    const stream = new LiveStream(liveUrl, {
      onMessage: (message) => applyLive(client, message),
      onResume: () => void client.invalidateQueries(),
      onState: (state, sinceMs) => setStatus({ state, sinceMs }),
      onSignedOut: () => client.setQueryData(meQuery.queryKey, null),
    });
    return () => {
      stream[Symbol.dispose]();
      forgetLive();
    };
  }, [client]);
  return <LiveContext value={status}>{children}</LiveContext>;
}

/** Whether what is on the page is live, and since when. */
export function useLiveStatus(): LiveStatus {
  return useContext(LiveContext);
}
