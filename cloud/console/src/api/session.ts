import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { isApiError } from './api-error.js';
import type { Listing } from './listing.js';
import { del, get, patch, post } from './request.js';
import type { SignInStep } from './sign-in.js';
import type { Time } from './time.js';

/** What somebody may do, as the server knows it. */
export type { Right } from '../../../src/modules/access/rights.js';

export interface Me {
  user: {
    id: string;
    userName: string;
    displayName: string;
    email: string | null;
    locale: string | null;
    mustChangePassword: boolean;
  };
  tenant: { id: string; name: Label | string; timeZone: string };
  signIn: {
    method: 'password' | 'sign-on' | 'invitation' | null;
    hasPassword: boolean;
    passwordMinLength: number;
    secondFactor: boolean;
    secondFactorPolicy: 'off' | 'optional' | 'required';
    secondFactorDue: boolean;
  };
  rights: string[];
  scopes: { right: string; tenant?: boolean; regionIds?: string[]; hallIds?: string[] }[];
  serverTime: Time;
}

export interface OwnSession {
  id: string;
  createdAt: Time;
  lastSeenAt: Time | null;
  ip: string | null;
  userAgent: string | null;
  method: 'password' | 'sign-on' | 'invitation';
  secondFactor: boolean;
  current: boolean;
}

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
