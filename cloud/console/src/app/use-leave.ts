import { useQueryClient } from '@tanstack/react-query';
import { meQuery } from '../api/session.js';
import { signOutEverywhere } from '../api/sign-in.js';
import { forgetFieldData } from './forget-field-data.js';
import { forgetSeen } from './forget-seen.js';

/** Kept of whoever left by themselves: nobody else’s session has merely ended. */
export const leftKey = ['left'] as const;

/** Signs out here and wherever this person was signed on from. */
export function useLeave(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    const { url } = await signOutEverywhere();
    await forgetFieldData();
    // Who came in by single sign-on signs out there as well.
    if (url !== '/') return window.location.assign(url);
    client.setQueryData(meQuery.queryKey, null);
    forgetSeen(client);
    client.setQueryData(leftKey, true);
  };
}
