import { queryOptions } from '@tanstack/react-query';
import { isApiError } from './api-error.js';
import { del, get, patch, post } from './request.js';
import type { SignInStep } from './sign-in.js';
import type { Listing, Me, OwnSession } from './types.js';

/** The person signed in, or null. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  staleTime: 60_000,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await get<Me>('/me', { signal });
    } catch (error) {
      if (isApiError(error, 'unauthenticated')) return null;
      throw error;
    }
  },
});

export const ownSessionsQuery = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: ({ signal }) => get<Listing<OwnSession>>('/me/sessions', { signal }),
});

export const signIn = (input: { userName: string; password: string }) => post<Me | SignInStep>('/session', input);
export const signOut = () => del<void>('/session');
export const changePassword = (input: { current: string; next: string }) => post<void>('/me/password', input);
export const changeMe = (input: { displayName?: string; locale?: string }) => patch<Me>('/me', input);
export const endSession = (id: string) => del<void>(`/me/sessions/${id}`);
