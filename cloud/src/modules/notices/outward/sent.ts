import { maskEmail } from './mask-address.js';

/** What came of one try over a channel. */
export type Sent =
  /** The other side has it. `ref`: its own number of it; `isFinal`: nothing more will be heard, it arrived. */
  | { readonly outcome: 'sent'; readonly ref: string | null; readonly isFinal?: boolean }
  /** Not now: it is tried again. `isDown`: nobody could be reached, the channel is left alone for a while. */
  | {
      readonly outcome: 'later';
      readonly code: string;
      readonly detail: string;
      readonly isDown: boolean;
      readonly afterMs?: number;
    }
  /** Never: the same would be refused again. `isGone`: nor will anything else be taken there. */
  | { readonly outcome: 'failed'; readonly code: string; readonly detail: string; readonly isGone?: boolean };

/** What goes over a channel, all filled in. */
export interface Message {
  readonly id: string;
  readonly to: string;
  readonly language: 'zh' | 'en';
  readonly subject: string;
  readonly text: string;
  readonly link: string | null;
  /** Where whoever gets it can end it. */
  readonly unsubscribe: string | null;
  readonly inReplyTo: string | null;
  /** Our code of the text, `kind.rule`. */
  readonly template: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Of what the other side said: mail servers repeat whom a mail was for. */
export const shortDetail = (text: string): string =>
  text
    .slice(0, 2_000)
    .replace(/[^\s<>()"',;:]+@[^\s<>()"',;:]+/g, maskEmail)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
