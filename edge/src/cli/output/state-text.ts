import type { CommandState, DeviceState, PresenceState } from '@hallhub/shared/wire';
import type { Style } from './terminal.js';

/** State by word, and by colour where it is not normal: normal stays uncoloured. */
export const presenceText = (presence: PresenceState, style: Style): string =>
  presence === 'online' ? 'online' : presence === 'degraded' ? style.warn('degraded') : style.bad('offline');

export const deviceStateText = (state: DeviceState, style: Style): string =>
  state === 'active' ? 'active' : state === 'quarantined' ? style.warn('quarantined') : style.dim(state);

export const commandStateText = (state: CommandState, style: Style): string => {
  if (state === 'succeeded') return style.good(state);
  return state === 'failed' || state === 'expired' || state === 'unknown' ? style.bad(state) : state;
};

export const uplinkState = (state: string, style: Style): string =>
  state === 'online' || state === 'disabled' ? state : state === 'refused' ? style.bad(state) : style.warn(state);

export const adapterState = (state: string, style: Style): string =>
  state === 'running' ? state : state === 'failed' ? style.bad(state) : style.warn(state);

export const verdictMark = (verdict: 'ok' | 'warning' | 'failed' | 'unknown', style: Style): string =>
  ({
    ok: style.good('✓ ok'),
    warning: style.warn('! warning'),
    failed: style.bad('✗ failed'),
    unknown: style.dim('? unknown'),
  })[verdict];
